import type { AnyAction, AnyModule } from '../modules/definition/module.ts'
import {
  blockKeywords,
  handlerKeywords,
  importKeywords,
  includeKeywords,
  playbookImportKeywords,
  playKeywords,
  roleKeywords,
  taskKeywords,
} from '../playbook/keywords/keywords.ts'
import { loopKeywords } from '../playbook/keywords/loop.ts'
import { metaActions } from '../playbook/params/meta.ts'
import { collections, type Modules } from '../playbook/params/module-call.ts'
import { roleParameters } from '../playbook/read/role-reference.ts'
import { projectDialect } from '../variables/dialects.ts'
import type { JsonSchema } from './json-schema.ts'
import { keywords, reference } from './keyword.ts'
import { parameterSchema } from './parameter-schema.ts'
import { TemplatedSchemas } from './templated-schema.ts'

type Schemas = Readonly<Record<string, JsonSchema>>

/** Returns the JSON Schema of playbooks and of files with tasks or handlers, for editors. */
export function playbookSchema(modules: Modules): JsonSchema {
  const sorted = [...modules.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Hostwright playbooks and task files',
    type: ['array', 'null'],
    items: choose([
      [hasKey('import_playbook'), reference('import_playbook')],
      [
        {
          anyOf: ['hosts', 'roles', 'tasks', 'pre_tasks', 'post_tasks', 'handlers'].map((key) => ({
            required: [key],
          })),
        },
        reference('play'),
      ],
      [{}, reference('handler')],
    ]),
    definitions: {
      ...values,
      ...keywordDefinitions,
      play: mapping(keywordSchemas(playKeywords.known), { required: ['hosts'] }),
      import_playbook: keyed(
        'import_playbook',
        { type: 'string' },
        keywordSchemas(playbookImportKeywords.known),
      ),
      roles: { type: ['array', 'null'], items: { anyOf: [text, reference('role')] } },
      role: {
        ...mapping({ ...keywordSchemas(roleKeywords.known), name: text }, { additionalProperties: true }),
        anyOf: [{ required: ['role'] }, { required: ['name'] }],
        not: { anyOf: [...roleKeywords.notYet].map((key) => ({ required: [key] })) },
      },
      ...taskDefinitions('task', 'tasks', keywordSchemas([...taskKeywords.known, ...loopKeywords]), sorted),
      ...taskDefinitions(
        'handler',
        'handlers',
        keywordSchemas([...handlerKeywords.known, ...loopKeywords]),
        sorted,
      ),
      ...imports,
      'single-module': singleModule(sorted),
      ...Object.fromEntries(sorted.map((module) => [`module-${module.name}`, callSchema(module)])),
      ...parameterDefinitions(sorted),
    },
  }
}

const text: JsonSchema = { type: ['string', 'number'] }
const scalar: JsonSchema = { type: ['string', 'number', 'boolean'] }
/** `name=value name=value` */
const assignments: JsonSchema = { type: 'string', pattern: '^\\s*[A-Za-z_]\\w*=' }

/** The definitions of values that several keywords and parameters share. */
const values: Schemas = {
  template: {
    anyOf: [
      { type: 'string', pattern: projectDialect.templatedPattern },
      // the value after the tag !secret
      mapping(
        { env: { type: 'string' }, file: { type: 'string' }, generate: { type: 'integer' } },
        { minProperties: 1 },
      ),
    ],
  },
  plainBoolean: {
    anyOf: [
      { type: 'boolean' },
      {
        type: 'string',
        pattern: '^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|[Yy][Ee][Ss]|[Nn][Oo]|[Oo][Nn]|[Oo][Ff][Ff])$',
      },
    ],
  },
  boolean: { anyOf: [reference('plainBoolean'), reference('template')] },
  number: {
    anyOf: [
      { type: 'number', minimum: 0 },
      { type: 'string', pattern: '^\\d+(\\.\\d+)?$' },
    ],
  },
  wholeNumber: {
    anyOf: [
      { type: 'integer', minimum: 0 },
      { type: 'string', pattern: '^\\d+$' },
    ],
  },
  quantity: { anyOf: [reference('number'), reference('template')] },
  batchSize: {
    anyOf: [
      { type: 'integer', minimum: 1 },
      { type: 'string', pattern: '^[1-9]\\d*%?$' },
      reference('template'),
    ],
  },
  conditions: { anyOf: [reference('condition'), { type: 'array', items: reference('condition') }] },
  condition: { type: ['string', 'boolean', 'number'] },
  variableName: { type: 'string', pattern: '^[A-Za-z_$][\\w$]*$' },
  variables: { type: ['object', 'null'], propertyNames: reference('variableName') },
}

const keywordDefinitions: Schemas = Object.fromEntries(
  Object.entries(keywords).map(([name, { sentence, schema }]) => [
    `keyword-${name}`,
    { description: sentence, allOf: [schema] },
  ]),
)

function keywordSchemas(names: Iterable<string>): Schemas {
  return Object.fromEntries([...names].map((name) => [name, reference(`keyword-${name}`)]))
}

function mapping(properties: Schemas, others: JsonSchema = {}): JsonSchema {
  return { type: 'object', properties, additionalProperties: false, ...others }
}

/** Returns a pattern that matches a key with or without the name of its collection. */
function keyPattern(name: string): string {
  return `^(${collections.source.replace('^', '')})?${name}$`
}

/** Returns a schema of mappings that have this key, with or without the name of its collection. */
function hasKey(name: string): JsonSchema {
  return { not: { propertyNames: { not: { pattern: keyPattern(name) } } } }
}

/** Returns a schema of mappings with keywords and a key that may have the name of a collection. */
function keyed(name: string, schema: JsonSchema, properties: Schemas): JsonSchema {
  return {
    type: 'object',
    properties: { ...properties, [name]: schema },
    patternProperties: { [keyPattern(name)]: schema },
    additionalProperties: false,
  }
}

/** Returns a schema that applies the schema of the first condition that is true. */
function choose([first, ...others]: readonly (readonly [JsonSchema, JsonSchema])[]): JsonSchema {
  if (first === undefined) return {}
  const [condition, then] = first
  return others.length === 0 ? then : { if: condition, then, else: choose(others) }
}

function taskDefinitions(
  one: string,
  many: string,
  own: Schemas,
  modules: readonly (AnyModule | AnyAction)[],
): Schemas {
  const nested = Object.fromEntries(
    ['block', 'rescue', 'always'].map((name) => [name, blockKeyword(name, many)]),
  )
  return {
    [many]: { type: ['array', 'null'], items: reference(one) },
    [one]: choose([
      [{ required: ['block'] }, mapping({ ...keywordSchemas(blockKeywords.known), ...nested })],
      ...Object.keys(imports).map((name): [JsonSchema, JsonSchema] => [hasKey(name), reference(name)]),
      [{ required: ['args'] }, reference(`${one}-with-args`)],
      [{}, reference(`${one}-with-module`)],
    ]),
    [`${one}-with-module`]: moduleTask(
      own,
      Object.fromEntries(modules.map(({ name }) => [name, reference(`module-${name}`)])),
    ),
    [`${one}-with-args`]: {
      ...moduleTask(own, Object.fromEntries(modules.map(({ name }) => [name, {}]))),
      dependencies: Object.fromEntries(modules.map(({ name }) => [name, argsOf(name)])),
    },
  }
}

function blockKeyword(name: string, tasks: string): JsonSchema {
  return { description: keywords[name]?.sentence ?? '', allOf: [reference(tasks)] }
}

function argsOf(module: string): JsonSchema {
  return { properties: { args: { anyOf: [{ type: 'string' }, reference(`parameters-${module}`)] } } }
}

/** Returns the schema of a task that calls exactly one of these modules. */
function moduleTask(own: Schemas, modules: Schemas): JsonSchema {
  const calls = { ...modules, meta: { enum: metaActions } }
  return {
    type: 'object',
    // editors complete the names in `properties`, but not patterns
    properties: { ...own, ...calls },
    patternProperties: Object.fromEntries(
      Object.entries(calls).map(([name, call]) => [keyPattern(name), call]),
    ),
    additionalProperties: false,
    not: { propertyNames: { enum: Object.keys(own) } },
    allOf: [reference('single-module')],
  }
}

/** Returns a schema that allows at most one module; it does not recognize names with a collection. */
function singleModule(modules: readonly (AnyModule | AnyAction)[]): JsonSchema {
  const present = [...modules.map(({ name }) => name), 'meta'].map((name) => ({ required: [name] }))
  return { anyOf: [{ not: { anyOf: present } }, { oneOf: present }] }
}

const fileOfTasks: JsonSchema = {
  anyOf: [
    { type: 'string' },
    mapping({ file: { type: 'string' }, apply: { type: 'object' } }, { required: ['file'] }),
  ],
}
const roleCall: JsonSchema = {
  anyOf: [assignments, mapping(Object.fromEntries(roleParameters.map((name) => [name, {}])))],
}
const importing = keywordSchemas(importKeywords.known)
const including = keywordSchemas([...includeKeywords.known, ...loopKeywords])

/** The actions that a task can have instead of a module. */
const imports: Schemas = {
  import_tasks: keyed('import_tasks', fileOfTasks, importing),
  import_role: keyed('import_role', roleCall, importing),
  include_tasks: keyed('include_tasks', fileOfTasks, including),
  include_role: keyed('include_role', roleCall, including),
}

/** Returns the schema of the value after the name of a module: its parameters as a mapping or a string. */
function callSchema(module: AnyModule | AnyAction): JsonSchema {
  const { description, required = [], anyOf } = parameterSchema(module)
  const demands = {
    ...(required.length === 0 ? {} : { required }),
    ...(anyOf === undefined ? {} : { anyOf }),
  }
  const needsNothing = Object.keys(demands).length === 0
  const text = module.freeForm === undefined ? assignments : scalar
  return {
    description,
    ...choose([
      [{ type: 'object' }, { allOf: [reference(`parameters-${module.name}`)], ...demands }],
      [{}, needsNothing ? { anyOf: [text, { type: 'null' }] } : text],
    ]),
  }
}

function parameterDefinitions(modules: readonly (AnyModule | AnyAction)[]): Schemas {
  const templated = new TemplatedSchemas()
  const definitions = modules.map((module): [string, JsonSchema] => {
    const { properties, additionalProperties } = parameterSchema(module)
    return [
      `parameters-${module.name}`,
      { type: 'object', properties: templated.copiesOf(properties), additionalProperties },
    ]
  })
  return { ...templated.definitions, ...Object.fromEntries(definitions) }
}
