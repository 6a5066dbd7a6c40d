import type { AnyAction, AnyModule } from '../modules/definition/module.ts'
import { projectDialect } from '../variables/dialects.ts'
import { documentationOf } from './parameter-schema.ts'
import { parametersOf, type Parameter } from './parameter.ts'

/** The reference of a module, independent of its layout. */
export interface ModuleReference {
  readonly name: string
  readonly summary: string
  /** Sentences about the module as a whole. */
  readonly notes: readonly string[]
  readonly parameters: readonly Parameter[]
  readonly checkMode: string
  readonly example: string
}

export function referenceOf(module: AnyModule | AnyAction): ModuleReference {
  const { others, checkMode, example } = documentationOf(module)
  const { name, summary, type, freeForm } = module
  return {
    name,
    summary,
    notes: [
      ...(type === 'action' ? ['Runs on the controller.'] : []),
      ...(freeForm === undefined ? [] : [`\`${name}: TEXT\` sets \`${freeForm}\`.`]),
      ...(others === undefined ? [] : [others]),
    ],
    parameters: parametersOf(module),
    checkMode,
    example: typeof example === 'string' ? example : example((variable) => projectDialect.print(variable)),
  }
}

/** Returns the default of a parameter; undefined if there is none, or if it is an empty list or mapping. */
export function defaultText({ default: value }: Parameter): string | undefined {
  if (value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0))
    return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}
