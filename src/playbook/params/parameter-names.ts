import type * as z from 'zod'

const known = new WeakMap<object, readonly string[]>()

/** Returns the names of the parameters in all alternatives of a schema. */
export function parameterNames(schema: z.ZodType): readonly string[] {
  const names = known.get(schema) ?? [...new Set(collect(schema))]
  known.set(schema, names)
  return names
}

/** The parts of zod's definitions that can contain the shape of an object. */
interface Definition {
  readonly type: string
  readonly shape?: Readonly<Record<string, unknown>>
  readonly in?: z.ZodType
  readonly out?: z.ZodType
  readonly innerType?: z.ZodType
  readonly options?: readonly z.ZodType[]
  readonly left?: z.ZodType
  readonly right?: z.ZodType
}

function collect(schema: z.ZodType): string[] {
  const definition = schema.def as unknown as Definition
  if (definition.shape !== undefined) return Object.keys(definition.shape)
  const { in: input, out: output, innerType, options = [], left, right } = definition
  return [input, output, innerType, ...options, left, right].flatMap((part) =>
    part === undefined ? [] : collect(part),
  )
}
