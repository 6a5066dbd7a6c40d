import { $ } from 'zx'
import { UserError } from '../errors.ts'

type Value = string | number | readonly string[]

const silent = $({ quiet: true, nothrow: true, env: { ...process.env, LC_ALL: 'C' } })

/** Runs a command of this machine and gives its output; every value in the template is one argument, of a list each. */
export async function run(pieces: TemplateStringsArray, ...values: readonly Value[]): Promise<string> {
  const output = await silent(pieces, ...values)
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
  return (await silent(pieces, ...values)).exitCode === 0
}
