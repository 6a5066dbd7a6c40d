import type { Printer } from './printer.ts'
import type { Reporter } from './reporter.ts'
import { styled } from './style.ts'

/** Prints only the messages of debug tasks, under the name of their host, and failures. */
export function messagesReporter(printer: Printer): Reporter {
  return {
    handle: (event) => {
      if (event.event !== 'task') return
      const { module, status, host, msg } = event
      const broken = status === 'failed' || status === 'unreachable'
      if (broken) printer.print(styled('bold', host), styled('red', indented(`${event.task}: ${msg}`)))
      else if (module === 'debug' && status === 'ok') printer.print(styled('bold', host), indented(msg))
    },
    quietly: (asking) => asking(),
    end: () => undefined,
  }
}

/** Indents every line, so that none can be mistaken for the name of a host. */
function indented(message: string): string {
  return `  ${message.replaceAll('\n', '\n  ')}`
}
