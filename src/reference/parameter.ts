import type { AnyAction, AnyModule } from '../modules/definition/module.ts'
import type { JsonSchema } from './json-schema.ts'
import { aliasesOf, documentationOf, isAlias, parameterSchema } from './parameter-schema.ts'

/** A parameter of a module in the reference. */
export interface Parameter {
  readonly name: string
  readonly aliases: readonly string[]
  /** e.g. "boolean", "list of strings" */
  readonly type: string
  readonly choices: readonly unknown[]
  /** The default value; undefined if there is none. */
  readonly default: unknown
  readonly isRequired: boolean
  readonly sentence: string
}

/** Returns the parameters of a module in the order of the schema, but required ones first; aliases are not listed separately. */
export function parametersOf(module: AnyModule | AnyAction): Parameter[] {
  const schema = parameterSchema(module)
  const documentation = documentationOf(module)
  const required = new Set([...(schema.required ?? []), ...(documentation.required ?? [])])
  const parameters = Object.entries(schema.properties).flatMap(([name, property]): Parameter[] => {
    const sentence = documentation.parameters[name]
    if (sentence === undefined || isAlias(sentence)) return []
    return [
      {
        name,
        aliases: aliasesOf(documentation, name),
        type: typeOf(property),
        choices: choicesOf(property),
        default: property.default,
        isRequired: required.has(name),
        sentence,
      },
    ]
  })
  return [
    ...parameters.filter(({ isRequired }) => isRequired),
    ...parameters.filter(({ isRequired }) => !isRequired),
  ]
}

const names: Readonly<Record<string, string>> = { object: 'mapping', array: 'list', null: 'nothing' }

function typeOf(schema: JsonSchema): string {
  const { title, type, anyOf, items, const: constant } = schema
  if (title !== undefined) return title
  if (anyOf !== undefined) return alternatives(anyOf)
  if (type === 'array') {
    const item = items === undefined ? 'any' : typeOf(items)
    return item === 'any' ? 'list' : `list of ${plural(item)}`
  }
  if (typeof type === 'string') return names[type] ?? type
  return constant === undefined ? 'any' : typeof constant
}

function alternatives(schemas: readonly JsonSchema[]): string {
  const types = new Set(
    schemas.map((one) =>
      one.const === undefined ? typeOf(one) : `\`${JSON.stringify(one.const).replaceAll('"', '')}\``,
    ),
  )
  if (types.has('number')) types.delete('integer')
  return [...types].join(' or ')
}

function plural(name: string): string {
  return name.startsWith('list of') ? name.replace('list', 'lists') : `${name}s`
}

function choicesOf({ enum: choices, const: constant, anyOf = [] }: JsonSchema): readonly unknown[] {
  if (choices !== undefined) return choices
  return constant === undefined ? anyOf.flatMap((one) => one.enum ?? []) : [constant]
}
