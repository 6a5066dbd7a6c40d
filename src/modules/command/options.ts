import * as z from 'zod'

import { TaskFailure } from '../../errors.ts'
import type { Key } from '../../state/definition/key.ts'
import { trimEnd } from '../../state/parse/trim-end.ts'
import { path } from '../../state/path.ts'
import { endOf, type PathState } from '../../state/path/value.ts'
import { attach, sh, type Script } from '../../target/sh.ts'
import type { Change } from '../definition/change.ts'
import { when, type ModuleResult, type Step } from '../definition/module.ts'
import { absolutePath, booleanParam, textParam } from '../definition/parameters.ts'
import { isNeeded, readPrecondition, type Precondition } from './creates-removes.ts'

/** The options that `command` and `shell` have in common. */
export interface CommandOptions extends Precondition {
  readonly chdir?: string | undefined
  readonly stdin?: string | undefined
  readonly strip_empty_ends: boolean
}

export const commandOptions = {
  chdir: absolutePath.optional(),
  creates: textParam.optional(),
  removes: textParam.optional(),
  stdin: textParam.optional(),
  stdin_add_newline: booleanParam.default(true),
  strip_empty_ends: booleanParam.default(true),
}

export const commandSentences = {
  chdir:
    'Absolute path of the working directory; by default the home directory of the user who runs the command.',
  creates: 'Path or pattern, absolute or relative to `chdir`; if it exists, the command is not run.',
  removes: 'Path or pattern, absolute or relative to `chdir`; if it does not exist, the command is not run.',
  stdin: 'String for the standard input, which is empty by default.',
  stdin_add_newline: 'Adds a line break to `stdin`.',
  strip_empty_ends: 'Removes line breaks at the end of the registered `stdout` and `stderr`.',
} as const

interface GivenOptions {
  readonly chdir?: string | undefined
  readonly creates?: string | undefined
  readonly removes?: string | undefined
  readonly stdin?: string | undefined
  readonly stdin_add_newline: boolean
}

/** Makes paths absolute. Reports errors that depend on several parameters. */
export function resolveCommandOptions<Given extends GivenOptions>(
  given: Given,
  context: z.RefinementCtx,
): Omit<Given, 'stdin_add_newline'> {
  const { stdin_add_newline: addNewline, ...rest } = given
  return {
    ...rest,
    creates: fromRoot('creates', given, context),
    removes: fromRoot('removes', given, context),
    stdin: given.stdin === undefined ? undefined : given.stdin + (addNewline ? '\n' : ''),
  }
}

function fromRoot(
  name: 'creates' | 'removes',
  given: GivenOptions,
  context: z.RefinementCtx,
): string | undefined {
  const value = given[name]
  if (value === undefined) return undefined
  if (value.startsWith('/')) return value
  if (given.chdir !== undefined) return `${given.chdir}/${value}`
  context.addIssue({
    code: 'custom',
    path: [name],
    message: `expected an absolute path, or a relative one with 'chdir', not '${value}'`,
  })
  return z.NEVER
}

export function readCommandOptions({ chdir, ...precondition }: CommandOptions): {
  directory: Key<PathState> | undefined
  creates: Key<PathState | boolean> | undefined
  removes: Key<PathState | boolean> | undefined
} {
  return {
    directory: when(chdir, () => path.key({ path: chdir ?? '', follow: true })),
    ...readPrecondition(precondition),
  }
}

interface CommandState {
  readonly directory: PathState | undefined
  readonly creates: PathState | boolean | undefined
  readonly removes: PathState | boolean | undefined
}

/** Returns one transient change for the command, or none if `creates` or `removes` shows that it is not needed. */
export function commandChanges(
  command: string,
  { directory, ...precondition }: CommandState,
  { chdir }: CommandOptions,
): Change[] {
  if (directory !== undefined) requireDirectory(endOf(directory), chdir ?? '')
  if (!isNeeded(precondition)) return []
  return [{ field: 'command', before: null, after: command, transient: true }]
}

function requireDirectory(state: PathState, directory: string): void {
  if (state.exists && state.type === 'directory') return
  if (!state.exists && state.denied) return
  const reason = state.exists ? `it is a ${state.type}, not a directory` : 'it does not exist'
  throw new TaskFailure(`cannot run the command in ${directory}: ${reason}`)
}

/** Some system users have no home directory. */
const enterHome = sh`{ cd ~ || cd /; } 2>/dev/null || exit`

/** @param program a script that runs the command last */
export function commandStep(command: string, program: Script, { chdir, stdin }: CommandOptions): Step {
  const input = stdin === undefined ? '/dev/null' : attach('stdin', stdin)
  return {
    script: sh`
      ${chdir === undefined ? enterHome : sh`cd ${chdir} || exit`}
      ${program} <${input}
    `,
    writes: [{ type: 'scope', scope: 'anything', until: `'${command.trim()}' has run` }],
  }
}

/** Returns only the command itself in a dry run, in which its output is unknown. */
export function commandResult(
  command: string | readonly string[],
  { params, changes, outputs }: Pick<ModuleResult<CommandOptions, never>, 'params' | 'changes' | 'outputs'>,
): Record<string, unknown> {
  const output = outputs[0] ?? (changes.length === 0 ? { code: 0, stdout: '', stderr: '' } : undefined)
  if (output === undefined) return { cmd: command }
  const [stdout, stderr] = [output.stdout, output.stderr].map((text) =>
    params.strip_empty_ends ? trimEnd(text, '\r\n') : text,
  ) as [string, string]
  return {
    cmd: command,
    rc: output.code,
    stdout,
    stderr,
    stdout_lines: splitLines(stdout),
    stderr_lines: splitLines(stderr),
  }
}

function splitLines(text: string): string[] {
  const lines = text.split(/\r\n|\n|\r/)
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}
