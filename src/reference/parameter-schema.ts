import * as z from 'zod'

import type { Alias, Documentation } from '../modules/definition/documentation.ts'
import type { AnyAction, AnyModule } from '../modules/definition/module.ts'
import { parameterTypes } from '../modules/definition/parameter-types.ts'
import type { JsonSchema } from './json-schema.ts'

/** The JSON Schema of all parameters of a module. */
interface ParameterSchema extends JsonSchema {
  readonly description: string
  readonly properties: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties: boolean | JsonSchema
}

/** Returns the JSON Schema of the parameters of a module, with a sentence about each. */
export function parameterSchema(module: AnyModule | AnyAction): ParameterSchema {
  const schema = z.toJSONSchema(module.params, {
    io: 'input',
    target: 'draft-7',
    // a value of any type
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const { def } = zodSchema._zod
      // zod leaves the default out if the value is transformed
      if (def.type === 'default') jsonSchema.default = def.defaultValue
      // zod adds its own name of a format to the pattern of a string
      delete jsonSchema.format
      const type = parameterTypes.get(zodSchema)
      if (type === undefined) return
      for (const keyword of Object.keys(jsonSchema)) Reflect.deleteProperty(jsonSchema, keyword)
      Object.assign(jsonSchema, type.schema, { title: type.name })
    },
  }) as JsonSchema
  const documentation = documentationOf(module)
  const { properties = {}, required = [], additionalProperties } = schema
  return {
    type: 'object',
    description: module.summary,
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [
        name,
        { ...property, description: sentence(documentation.parameters[name]) },
      ]),
    ),
    additionalProperties: additionalProperties ?? false,
    ...requirementsOf(required, documentation),
  }
}

/** Returns the documentation of a module, which every module of the registry has. */
export function documentationOf(module: AnyModule | AnyAction): Documentation {
  const documentation = module.documentation?.()
  if (documentation === undefined) throw new Error(`${module.name}: no documentation`)
  return documentation
}

/** Returns the aliases of a parameter. */
export function aliasesOf({ parameters }: Documentation, name: string): string[] {
  return Object.entries(parameters).flatMap(([alias, entry]) =>
    isAlias(entry) && entry.aliasOf === name ? [alias] : [],
  )
}

export function isAlias(entry: string | Alias | undefined): entry is Alias {
  return typeof entry === 'object'
}

function sentence(entry: string | Alias | undefined): string {
  return isAlias(entry) ? `Alias of \`${entry.aliasOf}\`.` : (entry ?? '')
}

function requirementsOf(required: readonly string[], documentation: Documentation): Partial<JsonSchema> {
  const [parameter] = documentation.required ?? []
  return {
    ...(required.length === 0 ? {} : { required }),
    ...(parameter === undefined
      ? {}
      : {
          anyOf: [parameter, ...aliasesOf(documentation, parameter)].map((name) => ({ required: [name] })),
        }),
  }
}
