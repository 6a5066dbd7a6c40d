import { InvalidInputError, UserError, type Diagnostic } from '../../errors.ts'
import type { Include, Node, Play, Task } from '../../playbook/playbook.ts'
import { loopNames } from '../../playbook/select/nodes.ts'
import { ExpressionError } from '../../variables/evaluation/expression-error.ts'
import { NotKnown } from '../../variables/not-known.ts'
import type { HostRun } from '../host/host-run.ts'
import type { HostsOfRun } from '../host/hosts-of-run.ts'
import { namesSetBy } from '../task/look-ahead.ts'
import { renderTask } from '../task/render-task.ts'
import { isLeftOut } from './include-run.ts'
import { serialOf } from './serial.ts'
import { tasksOf } from './upcoming.ts'

/**
 * Renders every task for each of its hosts, as far as that is possible without a connection. Returns all mistakes.
 *
 * @param registered the variables that are set by tasks that could not be parsed
 */
export function precheck(
  plays: ReadonlyMap<Play, readonly HostRun[]>,
  hostsOfRun: HostsOfRun,
  registered: Iterable<string> = [],
): Diagnostic[] {
  const found = new Map<string, Diagnostic>()
  /** The variables that earlier tasks of any play set. */
  const pending = new Set(registered)
  for (const [play, hosts] of plays) {
    hostsOfRun.beginPlay(hosts.map(({ name }) => name))
    for (const host of hosts) {
      for (const diagnostic of problemsOn(host, play, new Set(pending))) {
        const { file, line, column } = diagnostic.at
        found.set(`${file}:${line}:${column} ${diagnostic.message}`, diagnostic)
      }
    }
    const [first] = hosts
    if (first !== undefined) serialOf(play, first)
    for (const task of tasksOfPlay(play)) for (const name of namesSetBy(task)) pending.add(name)
  }
  return [...found.values()]
}

function tasksOfPlay(play: Play): Task[] {
  const nodes = play.sections.flat()
  return [...nodes.flatMap((node) => [...tasksOf(node)]), ...play.handlers]
}

function problemsOn(host: HostRun, play: Play, pending: Set<string>): Diagnostic[] {
  const problems: Diagnostic[] = []
  host.variables.beginPlay(play)
  host.variables.withPending(pending, () => {
    for (const node of [...play.sections.flat(), ...play.handlers])
      problems.push(...problemsIn(node, host, pending))
  })
  return problems
}

function problemsIn(node: Node, host: HostRun, pending: Set<string>): readonly Diagnostic[] {
  switch (node.type) {
    case 'task': {
      const problems = problemsOf(node, host)
      for (const name of namesSetBy(node)) pending.add(name)
      return problems
    }
    case 'block':
      return [...node.block, ...node.always].flatMap((inner) => problemsIn(inner, host, pending))
    case 'include':
      return isLeftOut(host, node) ? [] : problemsInInclude(node, host, pending)
  }
}

/** Checks the tasks of an include. The variables of its loop have values only when it runs. */
function problemsInInclude(include: Include, host: HostRun, pending: Set<string>): Diagnostic[] {
  const own = [...loopNames(include)].filter((name) => !pending.has(name))
  for (const name of own) pending.add(name)
  const problems = (include.preloaded ?? []).flatMap((inner) => problemsIn(inner, host, pending))
  for (const name of own) pending.delete(name)
  return problems
}

function problemsOf(task: Task, host: HostRun): readonly Diagnostic[] {
  try {
    renderTask(host, task)
    return []
  } catch (error) {
    if (error instanceof NotKnown) return []
    if (error instanceof InvalidInputError) return error.diagnostics
    if (error instanceof ExpressionError) return [error.diagnostic]
    if (error instanceof UserError) {
      return [
        { at: task.at, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) },
      ]
    }
    throw error
  }
}
