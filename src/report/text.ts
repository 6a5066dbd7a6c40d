import type {
  CommandOutput,
  HostCounts,
  ItemResult,
  Recap,
  RunEvent,
  TaskFinished,
  TaskStatus,
} from '../engine/event.ts'
import type { Change } from '../modules/module.ts'
import { describeChanges, summarizeChanges } from './change-text.ts'
import { LiveLine } from './live-line.ts'
import type { Output, Reporter } from './reporter.ts'
import type { Paint, Style } from './style.ts'

/** Lines of a failed command that are shown. */
const longestCommand = 12

export interface TextOptions {
  readonly paint: Paint
  /** Show changes in full. */
  readonly diff: boolean
  /** 0: what matters; 1: also where each task stands and why one was skipped. */
  readonly verbosity: number
}

const styles: Record<TaskStatus, Style> = {
  ok: 'green',
  changed: 'yellow',
  failed: 'red',
  skipped: 'dim',
  unreachable: 'red',
  unknown: 'magenta',
}

/** One line for each task and host as it happens, diffs and causes below it, a recap at the end. */
export function textReporter(output: Output, options: TextOptions): Reporter {
  const live = output.isTTY === true ? new LiveLine(output) : undefined
  const print = (lines: readonly string[]): void => {
    const text = lines.map((line) => `${line}\n`).join('')
    if (live === undefined) output.write(text)
    else live.print(text)
  }
  let widest = 0
  return {
    handle: (event) => {
      switch (event.event) {
        case 'play':
          widest = Math.max(0, ...event.hosts.map((host) => host.length))
          print([
            '',
            options.paint('bold', `PLAY ${event.play}`) + (event.hosts.length === 0 ? '  (no hosts)' : ''),
          ])
          break
        case 'busy':
          live?.begin(event.host, event.effect === undefined ? event.task : `${event.task}: ${event.effect}`)
          break
        case 'task':
          live?.finish(event.host)
          print(describeTask(event, widest, options))
          break
        case 'start':
        case 'task-start':
          break
        case 'commands':
        case 'pending':
        case 'warning':
        case 'recap':
          print(describeOther(event, options))
          break
      }
    },
    quietly: (asking) => live?.quietly(asking) ?? asking(),
    end: () => live?.end(),
  }
}

function describeOther(
  event: Exclude<RunEvent, { event: 'play' | 'busy' | 'task' | 'start' | 'task-start' }>,
  options: TextOptions,
): string[] {
  const { paint } = options
  switch (event.event) {
    case 'commands':
      return event.scripts.flatMap((script) => [
        paint('dim', `  $ as ${event.user ?? 'the login user'} on ${event.host}:`),
        ...script.split('\n').map((line) => paint('dim', `    ${line}`)),
      ])
    case 'pending':
      return [
        paint(
          'yellow',
          `  left by an earlier run on ${event.host}, runs in this one: ${event.handlers.join(', ')}`,
        ),
      ]
    case 'warning':
      return [paint('yellow', `warning: ${event.host === undefined ? '' : `${event.host}: `}${event.msg}`)]
    case 'recap':
      return describeRecap(event, paint)
  }
}

function describeTask(event: TaskFinished, widest: number, chosen: TextOptions): string[] {
  const options = { ...chosen, diff: event.diff ?? chosen.diff }
  const { paint } = options
  const label = event.ignored === true ? 'ignored' : event.status
  const status = paint(styles[event.status], label.padEnd(11))
  const host = event.host.padEnd(widest)
  const name = event.handler === true ? `handler ${event.task}` : event.task
  const line = `  ${status} ${host}  ${name}${paint('dim', remark(event, options))}`
  const broken = event.status === 'failed' || event.status === 'unreachable'
  const place = broken || options.verbosity > 0 ? [`${event.file}:${event.line}`] : []
  const isQuiet = event.status === 'skipped' && options.verbosity === 0
  const message = isQuiet ? [] : event.msg.split('\n').filter((text) => text !== '')
  const details = [
    ...place.map((text) => paint('dim', text)),
    ...(event.status === 'unknown' ? [] : message.map((text) => (broken ? paint('red', text) : text))),
    ...(event.output === undefined ? [] : describeOutput(event.output)),
    ...(event.items ?? []).flatMap((item) => describeItem(item, options)),
    ...(options.diff && event.items === undefined ? describeMade(event, paint) : []),
    ...(event.effects ?? []).map((effect) => paint('dim', effect)),
  ]
  return [line, ...details.map((text) => `      ${text}`)]
}

/** The changes in short, where they do not follow in full. */
function remark(event: TaskFinished, { diff }: TextOptions): string {
  if (event.status === 'unknown') return `  ${event.msg}`
  const inFull = diff || event.items !== undefined || event.output !== undefined
  return inFull ? '' : inBrackets(event.changes)
}

function inBrackets(changes: readonly Change[]): string {
  return changes.length === 0 ? '' : `  (${summarizeChanges(changes)})`
}

/** A command that failed is shown as it ran: its change says nothing more. */
function describeMade({ changes, output }: Pick<TaskFinished, 'changes' | 'output'>, paint: Paint): string[] {
  return output === undefined
    ? describeChanges(changes, paint)
    : describeChanges(
        changes.filter(({ transient }) => transient !== true),
        paint,
      )
}

function describeItem(item: ItemResult, { paint, diff }: TextOptions): string[] {
  const quiet = item.status === 'skipped' || (item.status === 'ok' && item.msg === '')
  if (quiet) return []
  const summary = diff || item.output !== undefined ? '' : inBrackets(item.changes)
  const head = `${paint(styles[item.status], item.status)} ${item.item}${summary}`
  return [
    head,
    ...(item.msg === '' ? [] : item.msg.split('\n').map((text) => `  ${text}`)),
    ...(item.output === undefined ? [] : describeOutput(item.output).map((text) => `  ${text}`)),
    ...(diff ? describeMade(item, paint).map((text) => `  ${text}`) : []),
  ]
}

function describeOutput(output: CommandOutput): string[] {
  return [
    ...block('command', shortened(output.command)),
    `exit code: ${output.code}`,
    ...block('stdout', output.stdout),
    ...block('stderr', output.stderr),
  ]
}

/** A module's script may be long; what failed stands in its errors. */
function shortened(command: string): string {
  const lines = command.split('\n')
  if (lines.length <= longestCommand) return command
  const rest = lines.length - longestCommand
  return [...lines.slice(0, longestCommand), `… ${rest} more lines, with --show-commands`].join('\n')
}

function block(title: string, text: string): string[] {
  const lines = text.replace(/\n$/, '').split('\n')
  if (text.trim() === '') return []
  return lines.length === 1
    ? [`${title}: ${lines[0] ?? ''}`]
    : [`${title}:`, ...lines.map((line) => `  ${line}`)]
}

function describeRecap(recap: Recap, paint: Paint): string[] {
  const hosts = Object.entries(recap.hosts)
  const widest = Math.max(0, ...hosts.map(([name]) => name.length))
  return [
    '',
    paint(
      'bold',
      `RECAP${recap.check ? ' (dry run: nothing was changed)' : ''}  ${recap.seconds.toFixed(1)} s`,
    ),
    ...hosts.map(([name, counts]) => `  ${name.padEnd(widest)}  ${describeCounts(counts, paint)}`),
    ...Object.entries(recap.pending).map(([name, handlers]) =>
      paint('yellow', `  pending on ${name}, the next run takes over: ${handlers.join(', ')}`),
    ),
  ]
}

function describeCounts(counts: HostCounts, paint: Paint): string {
  const { unknown, ...usual } = counts
  const shown = Object.entries(unknown === 0 ? usual : counts)
  return shown.map(([name, number]) => paintCount(name, number, paint)).join(' ')
}

function paintCount(name: string, number: number, paint: Paint): string {
  const text = `${name}=${number}`
  if (number === 0) return paint('dim', text)
  if (name === 'failed' || name === 'unreachable') return paint('red', text)
  if (name === 'changed') return paint('yellow', text)
  if (name === 'unknown') return paint('magenta', text)
  return name === 'skipped' || name === 'ignored' ? text : paint('green', text)
}
