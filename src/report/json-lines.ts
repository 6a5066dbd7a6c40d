import type { Output, Reporter } from './reporter.ts'

/** One JSON object a line for each event; what is only for the eye of someone who watches is left out. */
export function jsonLinesReporter(output: Output): Reporter {
  return {
    handle: (event) => {
      if (event.event !== 'busy') output.write(`${JSON.stringify(event)}\n`)
    },
    quietly: (asking) => asking(),
    end: () => undefined,
  }
}
