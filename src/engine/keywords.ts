import { TaskFailure } from '../errors.ts'
import { booleanWords } from '../modules/boolean-words.ts'
import type { Quantity, Task } from '../playbook/playbook.ts'
import { NotKnown } from '../variables/not-known.ts'
import type { Scope } from '../variables/scope.ts'

/** Who does a task: undefined for the user who is logged in. */
export function becomeUserOf(task: Task, scope: Scope): string | undefined {
  const { become, becomeUser } = task.keywords
  const wanted = become === undefined ? optional(scope, 'ansible_become') : become
  if (!booleanOf(wanted, 'become', task, scope)) return undefined
  const user = becomeUser ?? optional(scope, 'ansible_become_user') ?? 'root'
  return String(scope.render(user, () => task.at))
}

export function flagOf(
  task: Task,
  name: 'ignoreErrors' | 'ignoreUnreachable' | 'noLog' | 'diff',
  scope: Scope,
): boolean {
  return booleanOf(task.keywords[name], name, task, scope)
}

/** Whether the task runs dry: its own check_mode decides, else the run's. */
export function checkModeOf(task: Task, scope: Scope, check: boolean): boolean {
  const { checkMode } = task.keywords
  return checkMode === undefined ? check : booleanOf(checkMode, 'check_mode', task, scope)
}

export function environmentOf(task: Task, scope: Scope): Record<string, string> {
  const layers = (task.keywords.environment ?? []).map((layer) =>
    scope.render(layer.value, (path) => layer.at(path)),
  )
  const merged = Object.assign({}, ...layers) as Record<string, unknown>
  return Object.fromEntries(Object.entries(merged).map(([name, value]) => [name, String(value)]))
}

/** A number of a keyword, rendered where it is a template. */
export function quantityOf(quantity: Quantity, name: string, scope: Scope): number {
  if (typeof quantity === 'number') return quantity
  const rendered = scope.render(quantity.value, (path) => quantity.at(path))
  const number = typeof rendered === 'string' && rendered.trim() !== '' ? Number(rendered) : rendered
  if (typeof number === 'number' && number >= 0) return number
  const { file, line, column } = quantity.at([])
  throw new TaskFailure(
    `${file}:${line}:${column}: ${name} must be a number, not ${JSON.stringify(rendered)}`,
  )
}

function booleanOf(value: unknown, name: string, task: Task, scope: Scope): boolean {
  if (value === undefined) return false
  const rendered = typeof value === 'string' ? scope.render(value, () => task.at) : value
  if (typeof rendered === 'boolean') return rendered
  const known = typeof rendered === 'string' ? booleanWords.get(rendered.toLowerCase()) : undefined
  if (known !== undefined) return known
  throw new TaskFailure(`${name} is ${JSON.stringify(rendered)}, not true or false`)
}

function optional(scope: Scope, name: string): unknown {
  if (!scope.has(name)) return undefined
  try {
    return scope.get(name)
  } catch (error) {
    if (error instanceof NotKnown) return undefined
    throw error
  }
}
