import type {
  CommandOutput,
  HostCounts,
  ItemResult,
  Recap,
  RunEvent,
  TaskFinished,
  TaskStatus,
} from '../engine/event.ts'
import type { Change } from '../modules/definition/change.ts'
import { describeChanges, summarizeChanges } from './change-text.ts'
import { LiveLine } from './live-line.ts'
import type { Printer } from './printer.ts'
import type { Reporter, ReportOptions } from './reporter.ts'
import { shortened, styled, type Style, type Text } from './style.ts'
import { visibleLine } from './visible.ts'

/** The maximum number of lines of a failed command. */
const longestCommand = 12
/** The maximum number of lines of an error message. */
const longestMessage = 40
/** The maximum number of characters of the reason why a result is unknown. */
const longestRemark = 120
/** The maximum number of characters in a line of a failed task. */
const longestLine = 1000

const styles: Record<TaskStatus, Style> = {
  ok: 'green',
  changed: 'yellow',
  failed: 'red',
  skipped: 'dim',
  unreachable: 'red',
  unknown: 'magenta',
}

/** Prints one line for each task and host when it finishes, with diffs and errors below it, and a recap at the end. */
export function textReporter(printer: Printer, options: ReportOptions): Reporter {
  const live = printer.isTerminal ? new LiveLine(printer) : undefined
  const print = (lines: readonly Text[]): void => {
    if (live === undefined) printer.printAll(lines)
    else live.print(lines)
  }
  let widest = 0
  return {
    handle: (event) => {
      switch (event.event) {
        case 'play':
          widest = Math.max(0, ...event.hosts.map((host) => host.length))
          print([
            '',
            [
              styled('bold', `PLAY ${visibleLine(event.play)}`),
              event.hosts.length === 0 ? '  (no hosts)' : '',
            ],
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
          print(describeOther(event))
          break
      }
    },
    quietly: (asking) => live?.quietly(asking) ?? asking(),
    end: () => live?.end(),
  }
}

function describeOther(
  event: Exclude<RunEvent, { event: 'play' | 'busy' | 'task' | 'start' | 'task-start' }>,
): Text[] {
  switch (event.event) {
    case 'commands':
      return event.scripts.flatMap((script) => [
        styled('dim', `  $ as ${visibleLine(event.user ?? 'the login user')} on ${event.host}:`),
        ...script.split('\n').map((line) => styled('dim', `    ${line}`)),
      ])
    case 'pending':
      return [
        styled(
          'yellow',
          `  ${event.host}: will run the handlers of an interrupted run: ${inOneLine(event.handlers)}`,
        ),
      ]
    case 'warning':
      return [
        styled(
          'yellow',
          `warning: ${event.host === undefined ? '' : `${event.host}: `}${indented(event.msg)}`,
        ),
      ]
    case 'recap':
      return describeRecap(event)
  }
}

function inOneLine(names: readonly string[]): string {
  return names.map(visibleLine).join(', ')
}

/** Indents the lines of a message, so that none can be mistaken for a line of the report. */
function indented(message: string): string {
  return message.replaceAll('\n', '\n      ')
}

function describeTask(event: TaskFinished, widest: number, chosen: ReportOptions): Text[] {
  const options = { ...chosen, diff: event.diff ?? chosen.diff }
  const label = event.ignored === true ? 'ignored' : event.status
  const status = styled(styles[event.status], label.padEnd(11))
  const host = event.host.padEnd(widest)
  const task = visibleLine(event.task)
  const name = event.handler === true ? `handler ${task}` : task
  const line = ['  ', status, ` ${host}  ${name}`, remarkOn(event, options)]
  const broken = event.status === 'failed' || event.status === 'unreachable'
  const place = broken || options.verbosity > 0 ? [`${event.file}:${event.line}`] : []
  const isQuiet = event.status === 'skipped' && options.verbosity === 0
  const message = isQuiet || event.status === 'unknown' ? [] : describeMessage(event)
  const details: Text[] = [
    ...place.map((text) => styled('dim', text)),
    ...message.map((text) => (broken ? styled('red', text) : text)),
    ...(event.output === undefined ? [] : describeOutput(event.output)),
    ...(event.items ?? []).flatMap((item) => describeItem(item, options)),
    ...(options.diff && event.items === undefined ? describeMade(event) : []),
    ...(event.effects ?? []).map((effect) => styled('dim', visibleLine(effect))),
  ]
  return [line, ...details.map((text) => ['      ', broken ? shortened(longestLine, text) : text])]
}

/** Shortens the message of a failure, which may quote a value of any size. */
function describeMessage({ status, msg }: Pick<TaskFinished, 'status' | 'msg'>): readonly string[] {
  const lines = msg.split('\n').filter((line) => line !== '')
  return status === 'ok' || status === 'changed' ? lines : withFewLines(lines, longestMessage)
}

/** Returns the short form of the changes, unless the full form follows. */
function remarkOn(event: TaskFinished, { diff }: ReportOptions): Text {
  if (event.status === 'unknown')
    return shortened(longestRemark, styled('dim', `  ${visibleLine(event.msg)}`))
  const inFull = diff || event.items !== undefined || event.output !== undefined
  return inFull ? '' : styled('dim', inBrackets(event.changes))
}

function inBrackets(changes: readonly Change[]): string {
  return changes.length === 0 ? '' : `  (${summarizeChanges(changes)})`
}

/** Leaves out the change of a command whose output is shown. */
function describeMade({ changes, output }: Pick<TaskFinished, 'changes' | 'output'>): Text[] {
  return describeChanges(
    output === undefined ? changes : changes.filter(({ transient }) => transient !== true),
  )
}

function describeItem(item: ItemResult, { diff }: ReportOptions): Text[] {
  const quiet = item.status === 'skipped' || (item.status === 'ok' && item.msg === '')
  if (quiet) return []
  const summary = diff || item.output !== undefined ? '' : inBrackets(item.changes)
  const details: Text[] = [
    ...describeMessage(item),
    ...(item.output === undefined ? [] : describeOutput(item.output)),
    ...(diff ? describeMade(item) : []),
  ]
  return [
    [styled(styles[item.status], item.status), ` ${visibleLine(item.item)}${summary}`],
    ...details.map((text) => ['  ', text]),
  ]
}

function describeOutput(output: CommandOutput): string[] {
  return [
    ...block(
      'command',
      withFewLines(output.command.split('\n'), longestCommand, ', with --show-commands').join('\n'),
    ),
    `exit code: ${output.code}`,
    ...block('stdout', output.stdout),
    ...block('stderr', output.stderr),
  ]
}

function withFewLines(lines: readonly string[], most: number, where = ''): readonly string[] {
  if (lines.length <= most) return lines
  return [...lines.slice(0, most), `… ${lines.length - most} more lines${where}`]
}

function block(title: string, text: string): string[] {
  const lines = text.replace(/\n$/, '').split('\n')
  if (text.trim() === '') return []
  return lines.length === 1
    ? [`${title}: ${lines[0] ?? ''}`]
    : [`${title}:`, ...lines.map((line) => `  ${line}`)]
}

function describeRecap(recap: Recap): Text[] {
  const hosts = Object.entries(recap.hosts)
  const widest = Math.max(0, ...hosts.map(([name]) => name.length))
  return [
    '',
    styled(
      'bold',
      `RECAP${recap.check ? ' (dry run: nothing was changed)' : ''}  ${recap.seconds.toFixed(1)} s`,
    ),
    ...hosts.map(([name, counts]) => [`  ${name.padEnd(widest)}  `, ...describeCounts(counts)]),
    ...Object.entries(recap.pending).map(([name, handlers]) =>
      styled('yellow', `  pending handlers on ${name}, for the next run: ${inOneLine(handlers)}`),
    ),
  ]
}

function describeCounts(counts: HostCounts): Text[] {
  const { unknown, ...usual } = counts
  const shown = Object.entries(unknown === 0 ? usual : counts)
  return shown.map(([name, number], index) => [index === 0 ? '' : ' ', styledCount(name, number)])
}

function styledCount(name: string, number: number): Text {
  const text = `${name}=${number}`
  if (number === 0) return styled('dim', text)
  if (name === 'failed' || name === 'unreachable') return styled('red', text)
  if (name === 'changed') return styled('yellow', text)
  if (name === 'unknown') return styled('magenta', text)
  return name === 'skipped' || name === 'ignored' ? text : styled('green', text)
}
