/** The documentation of a module, shown in docs/modules.md, by `hostwright doc` and in editors. */
export interface Documentation<Name extends string = string> {
  /** One sentence for each parameter, or the parameter of which it is an alias. */
  readonly parameters: Readonly<Record<Name, string | Alias>>
  /** Required parameters that are optional in the schema because an alias can be used instead. */
  readonly required?: readonly Name[]
  /** The meaning of all other parameters, if the schema allows any name. */
  readonly others?: string
  /** The results that a dry run can predict, and the cases in which it cannot. */
  readonly checkMode: string
  /**
   * A list of tasks in the syntax of playbooks; `print` returns the expression that inserts a variable into a string.
   */
  readonly example: string | ((print: (variable: string) => string) => string)
}

/** The entry of a parameter that is an alias of the parameter `aliasOf`. */
export interface Alias {
  readonly aliasOf: string
}

export function aliasOf(name: string): Alias {
  return { aliasOf: name }
}

/** The names of the parameters in a schema; any string if the schema does not list them. */
export type ParameterName<Input> = unknown extends Input ? string : keyof Input & string
