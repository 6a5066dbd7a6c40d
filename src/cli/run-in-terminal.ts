import { formats } from '../report/index.ts'
import type { Reporter } from '../report/reporter.ts'
import type { RunSurroundings } from '../run/options.ts'
import { limitGarbage } from './cache/garbage-collection.ts'
import { interruptible } from './interruption.ts'
import type { RunArguments } from './options/run-options.ts'
import { terminalPrompt } from './prompt.ts'
import { progressOn, type Terminal } from './terminal.ts'

/**
 * Connects work that runs playbooks to the report, the prompts and the signals of a terminal.
 * @param ownReporter replaces the reporter that the options name
 */
export async function inTerminal<Result>(
  options: Pick<RunArguments, 'askBecomePass' | 'output' | 'diff' | 'verbose'>,
  terminal: Terminal,
  work: (surroundings: RunSurroundings & { readonly signal: AbortSignal }) => Promise<Result>,
  ownReporter?: Reporter,
): Promise<Result> {
  const reporter = ownReporter ?? (await reporterFor(options, terminal))
  const ask = terminalPrompt(terminal, (asking) => reporter.quietly(asking))
  try {
    return await interruptible(terminal, (signal) =>
      work({
        ask,
        signal,
        secrets: terminal.secrets,
        becomePassword: options.askBecomePass ? () => ask('sudo password: ', { secret: true }) : undefined,
        onEvent: (event) => {
          if (event.event === 'play') limitGarbage(event.hosts.length)
          reporter.handle(event)
        },
        onProgress: progressOn(terminal),
      }),
    )
  } finally {
    reporter.end()
  }
}

async function reporterFor(
  { output, diff, verbose }: Pick<RunArguments, 'output' | 'diff' | 'verbose'>,
  { stdout }: Terminal,
): Promise<Reporter> {
  const createReporter = await formats[output].load()
  return createReporter(stdout, { diff, verbosity: verbose })
}
