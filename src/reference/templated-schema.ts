import type { JsonSchema } from './json-schema.ts'
import { reference } from './keyword.ts'

/** Copies schemas so that they also allow an expression or a secret for every value that is rendered during the run. */
export class TemplatedSchemas {
  readonly #types = new Map<string, JsonSchema>()

  /** Returns the definitions that the copies refer to: the types of parameters, by their names. */
  get definitions(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries(this.#types)
  }

  copyOf(schema: JsonSchema): JsonSchema {
    const { title, description, default: value, ...rest } = schema
    const annotations = {
      ...(description === undefined ? {} : { description }),
      ...(value === undefined ? {} : { default: value }),
    }
    if (title === undefined) return { ...annotations, ...this.#templated(rest) }
    const name = `type-${title.replaceAll(' ', '-')}`
    this.#types.set(name, { title, ...this.#templated(rest) })
    return { ...annotations, allOf: [reference(name)] }
  }

  copiesOf(schemas: Readonly<Record<string, JsonSchema>>): Record<string, JsonSchema> {
    return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, this.copyOf(schema)]))
  }

  #templated(schema: JsonSchema): JsonSchema {
    if (Object.keys(schema).length === 0) return schema
    const inner = this.#insideOf(schema)
    return { anyOf: [...(inner.anyOf ?? [inner]), reference('template')] }
  }

  #insideOf(schema: JsonSchema): JsonSchema {
    const { properties, items, additionalProperties: others, anyOf } = schema
    return {
      ...schema,
      ...(properties === undefined ? {} : { properties: this.copiesOf(properties) }),
      ...(items === undefined ? {} : { items: this.copyOf(items) }),
      ...(typeof others === 'object' ? { additionalProperties: this.copyOf(others) } : {}),
      ...(anyOf === undefined ? {} : { anyOf: anyOf.map((one) => this.#insideOf(one)) }),
    }
  }
}
