import * as z from 'zod'

/** A type of parameters that a reader of the reference knows by its name. */
export interface ParameterType {
  readonly name: string
  /** What a playbook may write for it, as JSON Schema. */
  readonly schema: Readonly<Record<string, unknown>>
}

/** The types that JSON Schema would show only as the values that they are made from. */
export const parameterTypes = z.registry<ParameterType>()
