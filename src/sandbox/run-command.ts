import { delimiter } from 'node:path'
import { $, type Shell } from 'zx/core'

import { UserError } from '../errors.ts'

type Value = string | number | readonly string[]

/** The PATH for programs of this machine: `su` leaves root without the sbin directories. */
export function searchPath(): string[] {
  return [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin']
}

/**
 * Runs a command on this machine and returns its result, whatever the exit code; the signal terminates it
 * immediately.
 */
export function attempt(signal?: AbortSignal): Shell {
  return $({
    quiet: true,
    nothrow: true,
    env: { ...process.env, PATH: searchPath().join(delimiter), LC_ALL: 'C' },
    ...(signal === undefined ? {} : { signal, killSignal: 'SIGKILL' }),
  })
}

/**
 * Runs a command on this machine and returns its output. Each value in the template is one argument; each item of a
 * list is one, too.
 */
export async function run(pieces: TemplateStringsArray, ...values: readonly Value[]): Promise<string> {
  const output = await attempt()(pieces, ...values)
  if (output.exitCode === 0) return output.stdout
  const command = pieces.reduce((text, piece, index) => `${text}${String(values[index - 1])}${piece}`)
  const said = output.stderr.trim() || output.stdout.trim() || 'no output'
  const [line = ''] = command.split('\n')
  throw new UserError(
    `a command on this machine failed with exit code ${String(output.exitCode)}: ${line}\n${said}`,
  )
}

/** Returns whether a command on this machine ends with exit code 0. */
export async function succeeds(pieces: TemplateStringsArray, ...values: readonly Value[]): Promise<boolean> {
  return (await attempt()(pieces, ...values)).exitCode === 0
}
