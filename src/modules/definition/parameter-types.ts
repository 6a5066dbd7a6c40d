import * as z from 'zod'

/** A type of parameters with a name for the reference. */
export interface ParameterType {
  readonly name: string
  /** The values that a playbook may give, as JSON Schema. */
  readonly schema: Readonly<Record<string, unknown>>
}

/** The types of schemas whose transformed values JSON Schema cannot describe. */
export const parameterTypes = z.registry<ParameterType>()
