import { spawn } from 'node:child_process'
import { once } from 'node:events'

import { tagDeploy } from '../deploy/deploy-command-line.ts'
import { repositoryVariable } from '../deploy/repository-option.ts'
import { locateRepository } from '../deploy/repository/repository-location.ts'
import { readSigningKeys } from '../deploy/repository/signing-keys.ts'
import { watch } from '../deploy/watch/watch.ts'
import { ExitCode, UsageError } from '../errors.ts'
import { progressOn } from './commands/sandbox.ts'
import type { WatchArguments } from './commands/watch.ts'
import type { Terminal } from './terminal.ts'

/** The whole of `hostwright watch`: the first Ctrl-C lets a deploy that runs come to its end, the second one ends it. */
export async function watchFromCommandLine(
  options: WatchArguments,
  deployOptions: readonly string[],
  terminal: Terminal,
): Promise<ExitCode> {
  const say = progressOn(terminal)
  const folder = terminal.cwd()
  const given = options.repo ?? terminal.env[repositoryVariable]
  if (given === undefined)
    throw new UsageError('which repository?', `name it with --repo, or in the variable ${repositoryVariable}`)
  const location = locateRepository(given, folder, terminal.secrets)
  const [stop, abort] = [new AbortController(), new AbortController()]
  const interrupt = (): void => {
    if (stop.signal.aborted) abort.abort()
    else say('stopping; a deploy that runs goes on to its end, unless you ask once more')
    stop.abort()
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) terminal.on(signal, interrupt)
  try {
    return await watch({
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
  } finally {
    for (const signal of signals) terminal.off(signal, interrupt)
  }
}

// In a session of its own: Ctrl-C on the terminal is for the watch, which knows what to do.
async function runDeploy(
  [program = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<ExitCode> {
  const child = spawn(program, args, { env, detached: true, stdio: ['ignore', 'inherit', 'inherit'] })
  const end = (): void => {
    child.kill('SIGTERM')
  }
  signal.addEventListener('abort', end, { once: true })
  try {
    const [code] = (await once(child, 'exit')) as [number | null]
    return exitCodes.find((known) => known === code) ?? ExitCode.bug
  } finally {
    signal.removeEventListener('abort', end)
  }
}

const exitCodes: readonly ExitCode[] = Object.values(ExitCode)
