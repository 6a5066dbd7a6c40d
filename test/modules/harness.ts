import { execFileSync, spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { Context, Func, Test } from 'mocha'

import { TaskFailure } from '../../src/errors.ts'
import type { Change } from '../../src/modules/definition/change.ts'
import type { AnyModule, Given, Source, Step, StepOutput } from '../../src/modules/definition/module.ts'
import type { AnyKind, Key, Reads, Values } from '../../src/state/definition/key.ts'
import type { Script } from '../../src/target/sh.ts'
import type { Outcome, Target } from '../../src/target/target.ts'
import { bytesOf } from '../attachments.ts'
import { convergeModule } from '../engine/converge-module.ts'

export type Shell = 'dash' | 'busybox'
export const shells: readonly Shell[] = ['dash', 'busybox']

/** Defines a test that only root can run, e.g. because it changes owners. */
export function asRoot(title: string, test: (this: Context) => unknown): Test {
  // looked up now, because each test file of a process has its own `it`, while this module is loaded once
  return (process.getuid?.() === 0 ? it : it.skip)(title, test as Func)
}

export interface Conditions {
  readonly source?: Source
  readonly shell?: Shell
}

export interface Plan {
  readonly params: Given<object>
  readonly state: Values<Reads>
  readonly changes: readonly Change[]
  readonly steps: readonly Step[]
}

export interface Converged {
  readonly changes: readonly Change[]
  /** The state that is read after the changes, by the names of the module's reads. */
  readonly state: Readonly<Record<string, unknown>>
  readonly outputs: readonly StepOutput[]
  /** The registered variable. */
  readonly result: Readonly<Record<string, unknown>>
}

const scratch = mkdtempSync(join(tmpdir(), "hostwright's harness "))
process.once('exit', () => {
  rmSync(scratch, { recursive: true, force: true })
})

/** Applies a module to this machine with the engine, which also checks that no change remains. */
export async function converge(
  module: AnyModule,
  given: unknown,
  conditions: Conditions = {},
): Promise<Converged> {
  const params = paramsOf(module, given, conditions)
  const done = await convergeModule(thisMachine(conditions.shell), module, params)
  const { convergence, changes, state, outputs } = done
  if (convergence.type === 'unknown') throw new Error(`unknown until ${convergence.until}`)
  if (convergence.type === 'failed') demand(convergence.outcome)
  return { changes, state, outputs, result: convergence.result }
}

/** Awaits an action and returns a function that returns its value or throws its error, for `expect(…).to.throw`. */
export async function settled(action: () => Promise<unknown>): Promise<() => unknown> {
  try {
    const value = await action()
    return () => value
  } catch (error) {
    return () => {
      throw error
    }
  }
}

function thisMachine(shell?: Shell): Target {
  return {
    name: 'this machine',
    run(batch) {
      const outcomes: Outcome[] = []
      for (const script of batch.scripts) {
        outcomes.push({ ...run(script, shell), timedOut: false })
        if (outcomes.at(-1)?.code !== 0) break
      }
      return Promise.resolve(outcomes)
    },
    close: () => Promise.resolve(),
  }
}

/** Returns the changes and steps without running them, as in a dry run. */
export function plan(module: AnyModule, given: unknown, conditions: Conditions = {}): Plan {
  const params = paramsOf(module, given, conditions)
  const state = readState(module.reads(params), conditions.shell)
  const changes = module.diff(state, params)
  return { params, state, changes, steps: changes.length === 0 ? [] : module.apply(changes, params, state) }
}

function paramsOf(module: AnyModule, given: unknown, { source }: Conditions): Given<object> {
  return { ...module.params.parse(given), ...(source === undefined ? {} : { source }) }
}

/** Reads the keys with one script for each kind. */
export function readState<R extends Reads>(reads: R, shell?: Shell): Values<R> {
  const values = readKeys(
    Object.values(reads).flatMap((keys) => (keys === undefined ? [] : isKey(keys) ? [keys] : keys)),
    shell,
  )
  return Object.fromEntries(
    Object.entries(reads).map(([name, keys]) => [
      name,
      keys === undefined
        ? undefined
        : isKey(keys)
          ? values.get(keys.id)
          : keys.map((key) => values.get(key.id)),
    ]),
  ) as unknown as Values<R>
}

/** The special conditions of one script. */
export interface Circumstances {
  /** A directory of programs that take precedence over those of this machine. */
  readonly programs?: string
  /** A program with arguments that runs the shell, e.g. `env`. */
  readonly within?: readonly string[]
}

/** Runs a script as the session does: a fresh `sh -eu`, LC_ALL=C, umask 022, in /. */
export function run(script: Script, shell: Shell = 'dash', circumstances: Circumstances = {}): StepOutput {
  const { directory, words, env } = prepare(script, shell, circumstances)
  // timeout also ends the children of the script, while spawnSync ends only the first process
  const done = spawnSync('/usr/bin/timeout', ['10', 'dash', ...words], {
    cwd: '/',
    maxBuffer: 64 * 1024 * 1024,
    timeout: 8000,
    env,
  })
  rmSync(directory, { recursive: true, force: true })
  if (done.error !== undefined) throw done.error
  return { code: done.status ?? 128, stdout: done.stdout.toString(), stderr: done.stderr.toString() }
}

/** A script that runs in the background of a test. */
export interface RunningScript {
  readonly process: ChildProcessByStdio<null, Readable, Readable>
  readonly ended: Promise<StepOutput>
}

/** Starts a script as `run` does, but does not wait for its end. */
export function start(
  script: Script,
  shell: Shell = 'dash',
  circumstances: Circumstances = {},
): RunningScript {
  const { directory, words, env } = prepare(script, shell, circumstances)
  // in a separate process group, as in the session
  const process = spawn('dash', words, { cwd: '/', stdio: ['ignore', 'pipe', 'pipe'], env, detached: true })
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    process[name].setEncoding('utf8').on('data', (text: string) => (said[name] += text))
  const ended = once(process, 'close').then(([code]: (number | null)[]) => {
    rmSync(directory, { recursive: true, force: true })
    return { code: code ?? 128, ...said }
  })
  return { process, ended }
}

function prepare(script: Script, shell: Shell, { programs, within = [] }: Circumstances) {
  const directory = mkdtempSync(join(scratch, 'run '))
  const files = join(directory, 'files')
  mkdirSync(files, { mode: 0o700 })
  for (const [name, content] of script.attachments)
    writeFileSync(join(files, name), bytesOf(content), { mode: 0o600 })
  const file = join(directory, 'script')
  writeFileSync(file, script.text)
  const command = [...within, ...(shell === 'dash' ? ['dash'] : ['busybox', 'sh'])]
  const path = [
    ...(programs === undefined ? [] : [programs]),
    ...(shell === 'dash' ? [] : [applets()]),
    process.env['PATH'] ?? '',
    '/usr/sbin:/sbin',
  ]
  const words = ['-c', 'umask 022; exec "$@"', 'dash', ...command, '-eu', file]
  return { directory, words, env: { ...process.env, LC_ALL: 'C', FILES: files, PATH: path.join(':') } }
}

/** Checks a script with `sh -n` and shellcheck. */
export function lint(script: Script): void {
  for (const command of [
    ['dash', '-n'],
    ['busybox', 'sh', '-n'],
    ['shellcheck', '--shell=sh', '--exclude=SC2154', '-'],
  ]) {
    const [program = '', ...options] = command
    const done = spawnSync(program, options, { input: `${script.text}\n` })
    if (done.status !== 0)
      throw new Error(
        `${command.join(' ')}:\n${done.stdout.toString()}${done.stderr.toString()}${script.text}`,
      )
  }
}

function readKeys(keys: readonly Key[], shell?: Shell): Map<string, unknown> {
  const values = new Map<string, unknown>()
  for (const kind of new Set(keys.map((key) => key.kind))) {
    const ofKind = new Map(keys.filter((key) => key.kind === kind).map((key) => [key.id, key]))
    const answers = readKind(kind, [...ofKind.values()], shell)
    ;[...ofKind.keys()].forEach((id, index) => values.set(id, answers[index]))
  }
  return values
}

function readKind(kind: AnyKind, keys: readonly Key[], shell?: Shell): readonly unknown[] {
  const questions = keys.map((key) => key.question)
  return kind.parse(demand(run(kind.read(questions), shell)).stdout, questions)
}

function demand(output: StepOutput): StepOutput {
  if (output.code === 0) return output
  throw new TaskFailure(`exit code ${output.code}\n${output.stdout}${output.stderr}`)
}

function isKey(keys: Key | readonly Key[]): keys is Key {
  return 'kind' in keys
}

let appletsDirectory: string | undefined

function applets(): string {
  if (appletsDirectory === undefined) {
    appletsDirectory = join(scratch, 'applets')
    mkdirSync(appletsDirectory)
    execFileSync('busybox', ['--install', '-s', appletsDirectory])
  }
  return appletsDirectory
}
