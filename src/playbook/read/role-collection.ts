import type { Handler, Role } from '../playbook.ts'

/** The loaded roles of a play, and their handlers. */
export class RoleCollection {
  readonly #roles: Role[] = []
  readonly #handlers: Handler[] = []
  readonly #done: Set<string>

  /** @param others whose roles need not run again */
  constructor(others?: RoleCollection) {
    this.#done = new Set(others === undefined ? [] : others.#done)
  }

  /** Returns whether the role must run: not if it already ran with the same parameters. */
  begin(identity: string, allowDuplicates: boolean): boolean {
    if (this.#done.has(identity) && !allowDuplicates) return false
    this.#done.add(identity)
    return true
  }

  add(role: Role): void {
    this.#roles.push(role)
  }

  /** Adds handlers. The last of several handlers with the same name in a role takes precedence. */
  addHandlers(handlers: readonly Handler[]): void {
    for (const handler of handlers) {
      const same = this.#handlers.findIndex(
        (other) => other.name === handler.name && other.role?.name === handler.role?.name,
      )
      if (same >= 0) this.#handlers.splice(same, 1)
      this.#handlers.push(handler)
    }
  }

  get roles(): readonly Role[] {
    return this.#roles
  }

  get handlers(): readonly Handler[] {
    return this.#handlers
  }
}
