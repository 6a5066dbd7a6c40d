import { delimiter } from 'node:path'
import { $, type Shell } from 'zx'

import { UserError } from '../errors.ts'

type Value = string | number | readonly string[]

/** Where this machine's programs are looked for: `su` leaves root without the folders of the system's own. */
export function searchPath(): string[] {
  return [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin']
}

/** Runs a command of this machine, of which any exit code is an answer; the signal ends it at once. */
export function attempt(signal?: AbortSignal): Shell {
  return $({
    quiet: true,
    nothrow: true,
    env: { ...process.env, PATH: searchPath().join(delimiter), LC_ALL: 'C' },
    ...(signal === undefined ? {} : { signal, killSignal: 'SIGKILL' }),
  })
}

/** Runs a command of this machine and gives its output; every value in the template is one argument, of a list each. */
export async function run(pieces: TemplateStringsArray, ...values: readonly Value[]): Promise<string> {
  const output = await attempt()(pieces, ...values)
  if (output.exitCode === 0) return output.stdout
  const command = pieces.reduce((text, piece, index) => `${text}${String(values[index - 1])}${piece}`)
  const said = output.stderr.trim() || output.stdout.trim() || 'it said nothing'
  const [line = ''] = command.split('\n')
  throw new UserError(
    `a command on this machine ended with code ${String(output.exitCode)}: ${line}\n${said}`,
  )
}

/** Whether a command of this machine ends with code 0. */
export async function succeeds(pieces: TemplateStringsArray, ...values: readonly Value[]): Promise<boolean> {
  return (await attempt()(pieces, ...values)).exitCode === 0
}
