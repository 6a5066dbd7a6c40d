import { now } from '../../clock.ts'
import type { ItemResult, TaskFinished, TaskStarted } from '../event.ts'
import type { Play } from '../../playbook/playbook.ts'
import type { HostRun } from '../host/host-run.ts'
import type { Named } from '../host/named.ts'
import { nameOn } from '../host/rendered-name.ts'
import type { ItemOfLoop, LoopResult, Result } from './result.ts'

export interface TaskEventContext {
  readonly play: Play
  readonly handler: boolean
  /** The time from `now` at which the task started on the host. */
  readonly started: number
}

/** Returns the event before a task runs on hosts, with the names as the first of them sees them. */
export function taskStart(play: Play, task: Named, hosts: readonly HostRun[], handler: boolean): TaskStarted {
  const [first] = hosts
  return {
    event: 'task-start',
    play: first === undefined ? play.name : nameOn(first, play),
    task: first === undefined ? task.name : nameOn(first, task),
    module: task.module.name,
    handler,
    file: task.at.file,
    line: task.at.line,
  }
}

export function taskEvent(
  task: Named,
  host: HostRun,
  result: LoopResult,
  context: TaskEventContext & { readonly hidden: boolean; readonly ignored: boolean },
): TaskFinished {
  return {
    event: 'task',
    play: nameOn(host, context.play),
    task: nameOn(host, task),
    module: task.module.name,
    host: host.name,
    ...shown(result, context.hidden),
    file: task.at.file,
    line: task.at.line,
    ...(context.handler ? { handler: true as const } : {}),
    ...(context.ignored ? { ignored: true as const } : {}),
    seconds: (now() - context.started) / 1000,
  }
}

/** Counts a result as Ansible's recap does. */
export function countResult({ counts }: HostRun, result: Result, ignored: boolean): void {
  switch (result.status) {
    case 'ok':
      counts.ok += 1
      break
    case 'changed':
      counts.ok += 1
      counts.changed += 1
      break
    case 'failed':
      if (ignored) {
        counts.ok += 1
        counts.ignored += 1
      } else {
        counts.failed += 1
      }
      break
    case 'skipped':
      counts.skipped += 1
      break
    case 'unknown':
      counts.unknown += 1
      break
    case 'unreachable':
      if (ignored) {
        counts.ok += 1
        counts.ignored += 1
      } else {
        counts.unreachable += 1
      }
      break
  }
}

type Shown = Pick<TaskFinished, 'status' | 'changed' | 'changes' | 'msg' | 'output' | 'items' | 'effects'>

function shown(result: LoopResult, hidden: boolean): Shown {
  const { status, changed, effects, output, items } = result
  if (hidden) return { status, changed, changes: [], msg: 'hidden by no_log' }
  return {
    status,
    changed,
    changes: result.changes,
    msg: result.msg,
    ...(output === undefined ? {} : { output }),
    ...(effects.length === 0 ? {} : { effects }),
    ...(items === undefined ? {} : { items: items.map(itemResult) }),
  }
}

function itemResult({ label, result }: ItemOfLoop): ItemResult {
  const { status, changes, msg, output } = result
  return { item: label, status, changes, msg, ...(output === undefined ? {} : { output }) }
}
