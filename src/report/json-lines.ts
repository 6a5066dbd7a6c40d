import type { Printer } from './printer.ts'
import type { Reporter } from './reporter.ts'

/** Prints each event as one line of JSON, except those for a live display. */
export function jsonLinesReporter(printer: Printer): Reporter {
  return {
    handle: (event) => {
      if (event.event !== 'busy') printer.json(event)
    },
    quietly: (asking) => asking(),
    end: () => undefined,
  }
}
