import { tagDeploy } from '../deploy/deploy-command-line.ts'
import { locateRepository, repositoryVariable } from '../deploy/repository/repository-location.ts'
import { readSigningKeys } from '../deploy/repository/signing-keys.ts'
import { runDeploy } from '../deploy/watch/deploy-process.ts'
import { watch } from '../deploy/watch/watch.ts'
import { type ExitCode, UsageError } from '../errors.ts'
import { onInterruption } from './interruption.ts'
import { progressOn, type Terminal } from './terminal.ts'

interface WatchArguments {
  readonly repo: string | undefined
  readonly tags: readonly string[]
  readonly interval: number
  readonly once: boolean
  readonly deployNewest: boolean
  readonly keys: string | undefined
  readonly stateFile: string | undefined
}

/** Runs `hostwright watch`. The first Ctrl-C lets the current deploy finish, the second one aborts it. */
export async function watchFromCommandLine(
  options: WatchArguments,
  deployOptions: readonly string[],
  terminal: Terminal,
): Promise<ExitCode> {
  const say = progressOn(terminal)
  const folder = terminal.cwd()
  const given = options.repo ?? terminal.env[repositoryVariable]
  if (given === undefined)
    throw new UsageError('no repository to watch', `give --repo, or set ${repositoryVariable}`)
  const location = locateRepository(given, folder, terminal.secrets)
  const [stop, abort] = [new AbortController(), new AbortController()]
  const interrupt = (): void => {
    if (stop.signal.aborted) abort.abort()
    else say('stopping after the current deploy; interrupt again to abort it')
    stop.abort()
  }
  const ignoreInterruption = onInterruption(terminal, interrupt)
  try {
    const watching = watch({
      location,
      patterns: options.tags,
      folder,
      intervalSeconds: options.interval,
      once: options.once,
      deployNewest: options.deployNewest,
      stateFile: options.stateFile,
      ...(options.keys === undefined ? {} : { keys: await readSigningKeys(options.keys) }),
      deploy: ({ tag, sha }, signal) =>
        runDeploy(
          tagDeploy(tag, ['--expect', sha, ...deployOptions]),
          { ...terminal.env, [repositoryVariable]: given },
          signal,
        ),
      say,
      stop: stop.signal,
      abort: abort.signal,
    })
    terminal.breakdown.waitFor(watching)
    return await watching
  } finally {
    ignoreInterruption()
  }
}
