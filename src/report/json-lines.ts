import type { Printer } from './printer.ts'
import type { Reporter } from './reporter.ts'

/** Prints one JSON object per event and line; leaves out events that only a live display needs. */
export function jsonLinesReporter(printer: Printer): Reporter {
  return {
    handle: (event) => {
      if (event.event !== 'busy') printer.json(event)
    },
    quietly: (asking) => asking(),
    end: () => undefined,
  }
}
