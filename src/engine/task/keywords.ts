import { InvalidInputError, type Position } from '../../errors.ts'
import type { Flag, Quantity, Task } from '../../playbook/playbook.ts'
import { booleanWords } from '../../text/boolean-words.ts'
import type { Scope } from '../../variables/scope.ts'

/** The flags that take effect after a task has run. */
export interface Flags {
  readonly ignoreErrors: boolean
  readonly ignoreUnreachable: boolean
  readonly noLog: boolean
  readonly diff: boolean
}

const flags = {
  ignoreErrors: 'ignore_errors',
  ignoreUnreachable: 'ignore_unreachable',
  noLog: 'no_log',
  diff: 'diff',
} as const satisfies Record<keyof Flags, string>

/** Returns the user to become; undefined means the login user. */
export function becomeUserOf(task: Task, scope: Scope): string | undefined {
  const { become, becomeUser } = task.keywords
  const isWanted = become === undefined ? isBecomeSet(scope, task.at) : booleanOf(become, 'become', scope)
  if (!isWanted) return undefined
  return String(
    becomeUser === undefined ? (optional(scope, 'ansible_become_user') ?? 'root') : scope.render(becomeUser),
  )
}

export function flagOf(task: Task, name: keyof Flags, scope: Scope): boolean {
  return booleanOf(task.keywords[name] ?? false, flags[name], scope)
}

/** Returns the flags of a task. Throws if one is invalid or not known yet. */
export function demandFlags(task: Task, scope: Scope): Flags {
  return {
    ignoreErrors: flagOf(task, 'ignoreErrors', scope),
    ignoreUnreachable: flagOf(task, 'ignoreUnreachable', scope),
    noLog: flagOf(task, 'noLog', scope),
    diff: flagOf(task, 'diff', scope),
  }
}

/** Returns whether the task runs dry: its own check_mode takes precedence over the run's. */
export function checkModeOf(task: Task, scope: Scope, check: boolean): boolean {
  const { checkMode } = task.keywords
  return checkMode === undefined ? check : booleanOf(checkMode, 'check_mode', scope)
}

export function environmentOf(task: Task, scope: Scope): Record<string, string> {
  const layers = (task.keywords.environment ?? []).map((layer) => scope.render(layer))
  const merged = Object.assign({}, ...layers) as Record<string, unknown>
  return Object.fromEntries(Object.entries(merged).map(([name, value]) => [name, String(value)]))
}

/** Returns the number of a keyword, rendered if it is a template. */
export function quantityOf(quantity: Quantity, name: string, scope: Scope): number {
  if (typeof quantity === 'number') return quantity
  const rendered = scope.render(quantity)
  const number = typeof rendered === 'string' && rendered.trim() !== '' ? Number(rendered) : rendered
  if (typeof number === 'number' && number >= 0) return number
  const message = `${name} must be a number, not ${JSON.stringify(rendered)}`
  throw new InvalidInputError([{ at: quantity.at([]), message }])
}

function booleanOf(flag: Flag, keyword: string, scope: Scope): boolean {
  return typeof flag === 'boolean' ? flag : asBoolean(scope.render(flag), keyword, flag.at([]))
}

function asBoolean(value: unknown, keyword: string, at: Position): boolean {
  if (typeof value === 'boolean') return value
  const known = typeof value === 'string' ? booleanWords.get(value.toLowerCase()) : undefined
  if (known !== undefined) return known
  const message = `${keyword} must be true or false, not ${JSON.stringify(value)}`
  throw new InvalidInputError([{ at, message }])
}

function isBecomeSet(scope: Scope, at: Position): boolean {
  const value = optional(scope, 'ansible_become')
  return value !== undefined && asBoolean(value, 'become', at)
}

/** Returns the value of a variable, or undefined if it is not defined. Throws NotKnown if it needs facts. */
function optional(scope: Scope, name: string): unknown {
  return scope.has(name) ? scope.get(name) : undefined
}
