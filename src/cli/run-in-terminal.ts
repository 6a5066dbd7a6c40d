import { jsonLinesReporter } from '../report/json-lines.ts'
import type { Reporter } from '../report/reporter.ts'
import { textReporter } from '../report/text.ts'
import type { RunSurroundings } from '../run/options.ts'
import { interruptible } from './interruption.ts'
import type { RunArguments } from './options/run-options.ts'
import { terminalPrompt } from './prompt.ts'
import { progressOn, type Terminal } from './terminal.ts'

/** Does work that runs playbooks, with the report, the questions and the interruptions of a terminal. */
export async function inTerminal<Result>(
  options: Pick<RunArguments, 'askBecomePass' | 'output' | 'diff' | 'verbose'>,
  terminal: Terminal,
  work: (surroundings: RunSurroundings & { readonly signal: AbortSignal }) => Promise<Result>,
  reporter: Reporter = reporterFor(options, terminal),
): Promise<Result> {
  const ask = terminalPrompt(terminal, (asking) => reporter.quietly(asking))
  try {
    return await interruptible(terminal, (signal) =>
      work({
        ask,
        signal,
        secrets: terminal.secrets,
        becomePassword: options.askBecomePass ? () => ask('sudo password: ', { secret: true }) : undefined,
        onEvent: (event) => {
          reporter.handle(event)
        },
        onProgress: progressOn(terminal),
      }),
    )
  } finally {
    reporter.end()
  }
}

/** What the person who runs it gets to see. */
export function reporterFor(
  options: Pick<RunArguments, 'output' | 'diff' | 'verbose'>,
  terminal: Terminal,
): Reporter {
  if (options.output === 'jsonl') return jsonLinesReporter(terminal.stdout)
  return textReporter(terminal.stdout, {
    diff: options.diff,
    verbosity: options.verbose,
  })
}
