import { $ } from 'zx'

import { defined } from '../../defined.ts'
import { UserError } from '../../errors.ts'
import { withoutCredentials } from './credentials.ts'
import { remoteOf } from './remote.ts'
import type { RepositoryLocation } from './repository-location.ts'

export interface GitOptions {
  /** The repository; without it the command needs none, or finds one around the working directory. */
  readonly repository?: string
  readonly folder?: string
  /** More variables for git and what it starts. */
  readonly environment?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
}

export interface GitOutcome {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** What git prints, without the line's end. When git fails, its command and what it said are the error. */
export async function git(args: readonly string[], options: GitOptions = {}): Promise<string> {
  return demandSuccess(args, await tryGit(args, options))
}

/**
 * The same with a repository elsewhere, whose credentials stay out of the command line.
 * @param argumentsFor the arguments, given the repository's address
 */
export async function gitWith(
  location: RepositoryLocation,
  argumentsFor: (address: string) => readonly string[],
  options: GitOptions = {},
): Promise<string> {
  const { address, environment } = remoteOf(location, process.env)
  const args = argumentsFor(address)
  const outcome = await tryGit(args, { ...options, environment: { ...options.environment, ...environment } })
  return demandSuccess(args, outcome, (text) => text.replaceAll(address, location.shown))
}

function demandSuccess(
  args: readonly string[],
  { exitCode, stdout, stderr }: GitOutcome,
  show = (text: string) => text,
): string {
  if (exitCode === 0) return stdout.trimEnd()
  const said = stderr.trim() || stdout.trim() || 'it said nothing'
  throw new UserError(
    withoutCredentials(show(`git ${args.join(' ')} ended with code ${exitCode}:\n${said}`)),
    exitCode === commandNotFound ? { hint: 'git is not installed here' } : {},
  )
}

/** The same where failing is an answer. */
export async function tryGit(args: readonly string[], options: GitOptions = {}): Promise<GitOutcome> {
  options.signal?.throwIfAborted()
  const where = options.repository === undefined ? [] : [`--git-dir=${options.repository}`]
  const quietly = $({
    quiet: true,
    nothrow: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...withoutRepository(process.env), ...unattended, ...options.environment },
    ...defined({ cwd: options.folder, signal: options.signal }),
  })
  const { exitCode, stdout, stderr } = await quietly`git ${[...where, ...args]}`
  options.signal?.throwIfAborted()
  // without an exit code it was killed, by nobody that we know
  return { exitCode: exitCode ?? commandKilled, stdout, stderr }
}

/**
 * The variables without those that git gives to a hook, which would make every git below it work on the hook's
 * repository. What says how to reach a repository stays.
 */
export function withoutRepository(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const entries = Object.entries(environment)
  return Object.fromEntries(entries.filter(([name]) => !name.startsWith('GIT_') || howToReach.test(name)))
}

const howToReach =
  /^GIT_(SSH|SSH_COMMAND|SSH_VARIANT|ASKPASS|PROXY_COMMAND|SSL_\w+|HTTP_\w+|CONFIG_(GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+))$/

/**
 * Nobody sits there to answer: a question is an error at once, never a run that hangs. ssh asks a program that
 * answers nothing (OpenSSH 8.4 and later); everything else about ssh is as the user's configuration says.
 */
const unattended = {
  LC_ALL: 'C',
  GIT_TERMINAL_PROMPT: '0',
  SSH_ASKPASS: 'false',
  SSH_ASKPASS_REQUIRE: 'force',
  GIT_HTTP_LOW_SPEED_LIMIT: '1',
  GIT_HTTP_LOW_SPEED_TIME: '60',
}

const commandNotFound = 127
const commandKilled = 137
