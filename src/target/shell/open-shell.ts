import { randomBytes } from 'node:crypto'

import type { BecomeMethod } from '../../become-methods.ts'
import { ConnectionError } from '../../errors.ts'
import { HostTimeLimit } from '../host-time.ts'
import { lostAfterLogin } from '../lost-connection.ts'
import type { Connection, Ending, Pipes } from '../pipes.ts'
import type { BecomeSettings } from '../settings.ts'
import { bootstrap, marker } from './bootstrap.ts'
import { outputLimit, shownOutputLimit } from './output-limit.ts'
import { Shell } from './shell.ts'
import { describeSudoFailure, passwordRefused, sudoCommand } from './sudo.ts'

/** The seconds in which a login shell, or sudo with its password check, must print the marker. */
const startLimit = 30

/** The number of characters of the login scripts' output that are kept for messages. */
const excerpt = 10_000

/** Opens a shell of the login user. */
export async function openLoginShell(host: string, connection: Connection): Promise<Shell> {
  const pipes = await connection.open(`exec sh -c '${bootstrap}'`)
  await untilMarker(pipes, {
    onEnd: (ending, said) => noShell(host, connection.user, ending, said),
    onSilence: (said) => silentLogin(host, connection.user, said),
    onNoise: () => endlessLogin(host, connection.user),
  })
  return new Shell(host, pipes)
}

interface BecomeProgram {
  /** @param prompt the text that asks for the password; without it, the program must not ask */
  command(host: string, user: string, prompt?: string): string
  /** Returns the error if the program asks for the password again. */
  passwordRefused(host: string, login: string): ConnectionError
  describeFailure(host: string, login: string, user: string, ending: Ending, said: string): ConnectionError
}

const programs: Readonly<Record<BecomeMethod, BecomeProgram>> = {
  sudo: { command: sudoCommand, passwordRefused, describeFailure: describeSudoFailure },
}

/** Opens a shell of another user. */
export async function openBecomeShell(
  host: string,
  connection: Connection,
  become: BecomeSettings,
): Promise<Shell> {
  const prompt = `hostwright-${randomBytes(12).toString('hex')}:`
  const { password } = become
  const program = programs[become.method]
  const pipes = await connection.open(
    program.command(host, become.user, password === undefined ? undefined : prompt),
  )
  let asked = 0
  await untilMarker(pipes, {
    onEnd: (ending, said) => program.describeFailure(host, connection.user, become.user, ending, said),
    onSilence: (said) => program.describeFailure(host, connection.user, become.user, {}, said),
    onNoise: () => endlessLogin(host, become.user),
    onStderr(said) {
      const prompts = said.split(prompt).length - 1
      if (prompts <= asked || password === undefined) return undefined
      if (asked > 0) return program.passwordRefused(host, connection.user)
      asked = prompts
      pipes.stdin.write(`${password}\n`)
      return undefined
    },
  })
  return new Shell(host, pipes)
}

interface Start {
  onEnd(ending: Ending, said: string): Error
  onSilence(said: string): Error
  /** Returns the error if the output exceeds the limit. */
  onNoise(): Error
  /** Returns an error if further waiting is useless. */
  onStderr?(said: string): Error | undefined
}

/** Waits for the marker. Output before the marker comes from login scripts and is ignored. */
async function untilMarker(pipes: Pipes, start: Start): Promise<void> {
  let stdout = ''
  let stderr = ''
  let bytes = 0
  const listeners = new AbortController()
  let limit: HostTimeLimit | undefined
  try {
    await new Promise<void>((resolve, reject) => {
      const count = (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > outputLimit) reject(start.onNoise())
      }
      const onStdout = (chunk: Buffer) => {
        stdout += chunk.toString('latin1')
        if (stdout.slice(-chunk.length - marker.length).includes(marker)) resolve()
        stdout = stdout.slice(-excerpt)
        count(chunk)
      }
      const onStderr = (chunk: Buffer) => {
        stderr += chunk.toString()
        const failure = start.onStderr?.(stderr)
        if (failure !== undefined) reject(failure)
        stderr = stderr.slice(-excerpt)
        count(chunk)
      }
      pipes.stdout.on('data', onStdout)
      pipes.stderr.on('data', onStderr)
      listeners.signal.addEventListener('abort', () => {
        pipes.stdout.off('data', onStdout)
        pipes.stderr.off('data', onStderr)
      })
      const said = () => (stderr.trim() === '' ? stdout : stderr)
      void pipes.ended.then((ending) => {
        reject(start.onEnd(ending, said()))
      })
      limit = new HostTimeLimit(startLimit, () => {
        reject(start.onSilence(said()))
      })
    })
  } catch (error) {
    pipes.stdout.pause()
    pipes.stderr.pause()
    pipes.stdin.end()
    throw error
  } finally {
    limit?.clear()
    listeners.abort()
  }
}

function noShell(host: string, user: string, ending: Ending, said: string): ConnectionError {
  if (ending.code === undefined && ending.signal === undefined) return lostAfterLogin(host)
  const how =
    ending.signal === undefined ? `exited with code ${ending.code}` : `was killed by ${ending.signal}`
  return new ConnectionError(
    host,
    'lost',
    `${host}: the login shell of ${user} ${how} before it ran a command${quoted(said)}`,
    { hint: `set a shell that runs commands for ${user} in /etc/passwd, and check that sh exists` },
  )
}

function silentLogin(host: string, user: string, said: string): ConnectionError {
  return new ConnectionError(
    host,
    'timeout',
    `${host}: the login shell of ${user} ran no command within ${startLimit} seconds${quoted(said)}`,
    { hint: `look for a command that waits in the login scripts of ${user}` },
  )
}

function endlessLogin(host: string, user: string): ConnectionError {
  return new ConnectionError(
    host,
    'lost',
    `${host}: the login scripts of ${user} printed more than ${shownOutputLimit} before the shell ran a command`,
    { hint: `look for an endless loop in the login scripts of ${user}, or for a compromised host` },
  )
}

function quoted(said: string): string {
  const lines = said.trim().split('\n').slice(-5).join('\n')
  return lines === '' ? '' : `; it printed:\n${lines}`
}
