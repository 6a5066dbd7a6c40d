import type { Printer } from './printer.ts'
import type { Reporter } from './reporter.ts'

/** One JSON object a line for each event; what is only for the eye of someone who watches is left out. */
export function jsonLinesReporter(printer: Printer): Reporter {
  return {
    handle: (event) => {
      if (event.event !== 'busy') printer.json(event)
    },
    quietly: (asking) => asking(),
    end: () => undefined,
  }
}
