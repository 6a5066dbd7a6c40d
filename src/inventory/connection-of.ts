import { type BecomeMethod, becomeMethods } from '../become-methods.ts'
import { type Diagnostic, InvalidInputError, type Position, UserError } from '../errors.ts'
import type { ConnectionSettings } from '../target/settings.ts'
import { defined } from '../text/defined.ts'
import { ExpressionError } from '../variables/evaluation/expression-error.ts'
import { NotKnown } from '../variables/not-known.ts'
import type { Scope } from '../variables/scope.ts'
import type { Host } from './inventory.ts'
import { expandHome, readSshArguments, type SshArguments } from './ssh-arguments.ts'

/** Connection settings of the command line; the inventory's variables take precedence. */
export interface ConnectionArguments {
  readonly user?: string | undefined
  readonly privateKey?: string | undefined
  readonly connection?: 'ssh' | 'local' | undefined
  readonly become?: boolean | undefined
  readonly becomeUser?: string | undefined
  readonly password?: string | undefined
  readonly becomePassword?: string | undefined
}

/** The settings to connect to a host, and those with which its tasks become another user. */
export interface ConnectionVariables {
  /** Settings without `become`, which depends on the tasks. */
  readonly settings: ConnectionSettings
  /** True if tasks become another user by default; undefined if not set. */
  readonly become: boolean | undefined
  readonly becomeMethod: BecomeMethod | undefined
  readonly becomeUser: string | undefined
  readonly becomePassword: string | undefined
}

/** Reads the connection variables of a host. Throws InvalidInputError with all their errors. */
export function connectionOf(
  host: Host,
  scope: Scope,
  commandLine: ConnectionArguments = {},
): ConnectionVariables {
  const variables = new VariablesOfConnection(host, scope)
  const password =
    variables.text('ansible_password', 'ansible_ssh_password', 'ansible_ssh_pass') ?? commandLine.password
  const becomePassword =
    variables.text('ansible_become_password', 'ansible_become_pass', 'ansible_sudo_pass') ??
    commandLine.becomePassword
  for (const secret of [password, becomePassword]) if (secret !== undefined) scope.secrets.add(secret)
  const fromOptions = {
    ...variables.sshArguments('ansible_ssh_args'),
    ...variables.sshArguments('ansible_ssh_common_args'),
    ...variables.sshArguments('ansible_ssh_extra_args'),
  }
  const keyFile =
    variables.text('ansible_ssh_private_key_file', 'ansible_private_key_file') ?? commandLine.privateKey
  const own = {
    address: variables.text('ansible_host', 'ansible_ssh_host'),
    port: variables.number(1, 65535, 'ansible_port', 'ansible_ssh_port'),
    user: variables.text('ansible_user', 'ansible_ssh_user') ?? fromOptions.user ?? commandLine.user,
    password,
    privateKeyFiles: keyFile === undefined ? undefined : [expandHome(keyFile)],
    connectTimeout: variables.number(1, 3600, 'ansible_ssh_timeout', 'ansible_timeout'),
  }
  const result = {
    settings: {
      name: host.name,
      connection: variables.connection() ?? commandLine.connection ?? 'ssh',
      ...fromOptions,
      ...defined(own),
    },
    become: variables.flag('ansible_become') ?? commandLine.become,
    becomeMethod: variables.method(),
    becomeUser: variables.text('ansible_become_user', 'ansible_sudo_user') ?? commandLine.becomeUser,
    becomePassword,
  }
  variables.throwProblems()
  return result
}

/** Reads variables by their names, of which the first that is set counts, and collects errors. */
class VariablesOfConnection {
  readonly #host: Host
  readonly #scope: Scope
  readonly #problems: Diagnostic[] = []

  constructor(host: Host, scope: Scope) {
    this.#host = host
    this.#scope = scope
  }

  text(...names: readonly string[]): string | undefined {
    return this.#read(
      names,
      (value) => {
        if (typeof value === 'string' && value !== '') return value
        return typeof value === 'number' ? String(value) : undefined
      },
      'a string',
    )
  }

  number(least: number, most: number, ...names: readonly string[]): number | undefined {
    return this.#read(
      names,
      (value) => {
        const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
        return typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most
          ? number
          : undefined
      },
      `a number from ${least} to ${most}`,
    )
  }

  flag(name: string): boolean | undefined {
    return this.#read([name], (value) => (typeof value === 'boolean' ? value : undefined), 'true or false')
  }

  connection(): 'ssh' | 'local' | undefined {
    return this.#read(
      ['ansible_connection'],
      (value) => {
        if (value === 'local') return 'local'
        return value === 'ssh' || value === 'smart' || value === 'paramiko' ? 'ssh' : undefined
      },
      'ssh or local',
    )
  }

  method(): BecomeMethod | undefined {
    return this.#read(
      ['ansible_become_method'],
      (value) => becomeMethods.find((method) => method === value),
      becomeMethods.join(' or '),
    )
  }

  sshArguments(name: string): SshArguments {
    const text = this.#read([name], (value) => (typeof value === 'string' ? value : undefined), 'a string')
    if (text === undefined) return {}
    try {
      return readSshArguments(text)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      this.#report(name, `${name}: ${error.message}`, error.hint)
      return {}
    }
  }

  throwProblems(): void {
    if (this.#problems.length > 0) throw new InvalidInputError(this.#problems)
  }

  #read<Value>(
    names: readonly string[],
    read: (value: unknown) => Value | undefined,
    wanted: string,
  ): Value | undefined {
    const name = names.find((one) => this.#scope.has(one))
    if (name === undefined) return undefined
    const value = this.#valueOf(name)
    if (value === undefined || value === null || value === '') return undefined
    const result = read(value)
    if (result === undefined) this.#report(name, `${name} of ${this.#host.name} must be ${wanted}`)
    return result
  }

  #valueOf(name: string): unknown {
    try {
      return this.#scope.get(name, this.#at(name))
    } catch (error) {
      if (error instanceof NotKnown)
        this.#report(
          name,
          `${name} of ${this.#host.name} cannot be known before the connection`,
          error.detail,
        )
      else if (error instanceof ExpressionError) this.#problems.push(error.diagnostic)
      else if (error instanceof UserError) this.#report(name, error.message, error.hint)
      else throw error
      return undefined
    }
  }

  #at(name: string): Position {
    return this.#scope.at(name) ?? { file: this.#host.name, line: 1, column: 1 }
  }

  #report(name: string, message: string, hint?: string): void {
    this.#problems.push({ at: this.#at(name), message, ...(hint === undefined ? {} : { hint }) })
  }
}
