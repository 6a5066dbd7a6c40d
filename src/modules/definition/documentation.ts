/** What docs/modules.md, `hostwright doc` and editors say about a module. */
export interface Documentation<Name extends string = string> {
  /** One sentence for each parameter, or the parameter that it is another name of. */
  readonly parameters: Readonly<Record<Name, string | Alias>>
  /** Parameters that are required although the schema cannot say so: an alias may stand in for them. */
  readonly required?: readonly Name[]
  /** What other names may be parameters, where the schema allows any. */
  readonly others?: string
  /** What a dry run can tell about a task, and when it cannot. */
  readonly checkMode: string
  /** A list of tasks, as a playbook has it. */
  readonly example: string
}

/** The entry of a parameter that is another name of the parameter `aliasOf`. */
export interface Alias {
  readonly aliasOf: string
}

export function aliasOf(name: string): Alias {
  return { aliasOf: name }
}

/** The parameters that a playbook may write, where their schema tells them. */
export type ParameterName<Input> = unknown extends Input ? string : keyof Input & string
