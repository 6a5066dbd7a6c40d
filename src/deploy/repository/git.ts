import { $ } from 'zx/core'

import { UserError } from '../../errors.ts'
import { defined } from '../../text/defined.ts'
import { withoutCredentials } from './credentials.ts'
import { remoteOf } from './remote.ts'
import type { RepositoryLocation } from './repository-location.ts'

export interface GitOptions {
  /** The git directory, unless the command needs none or finds it from the working directory. */
  readonly repository?: string
  readonly folder?: string
  /** Additional environment variables for git and the programs that it starts. */
  readonly environment?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
}

export interface GitOutcome {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Returns the output of git without its last newline. Throws UserError with the command and its output if git fails. */
export async function git(args: readonly string[], options: GitOptions = {}): Promise<string> {
  return demandSuccess(args, await tryGit(args, options))
}

/**
 * Runs git with a remote repository, and keeps the credentials out of the command line.
 * @param argumentsFor returns the arguments for the repository's address
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
  const said = stderr.trim() || stdout.trim() || 'no output'
  throw new UserError(
    withoutCredentials(show(`git ${args.join(' ')}: exit code ${exitCode}:\n${said}`)),
    exitCode === commandNotFound ? { hint: 'install git on the controller' } : {},
  )
}

/** Runs git, and returns its outcome even if it fails. */
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
  // without an exit code, a signal killed git
  return { exitCode: exitCode ?? commandKilled, stdout, stderr }
}

/**
 * Removes the variables that git sets for a hook, which would make every git that the hook starts work on the hook's
 * repository. Keeps the variables that configure how git connects to a repository.
 */
export function withoutRepository(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const entries = Object.entries(environment)
  return Object.fromEntries(
    entries.filter(([name]) => !name.startsWith('GIT_') || connectionVariables.test(name)),
  )
}

const connectionVariables =
  /^GIT_(SSH|SSH_COMMAND|SSH_VARIANT|ASKPASS|PROXY_COMMAND|SSL_\w+|HTTP_\w+|CONFIG_(GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+))$/

/**
 * Variables that make a prompt fail immediately instead of hanging the run. ssh calls an askpass program that returns
 * nothing (OpenSSH 8.4 and later); the user's configuration of ssh stays in effect.
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
