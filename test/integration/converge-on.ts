import type { AnyModule, Change, Step, StepOutput } from '../../src/modules/module.ts'
import type { AnyKind, Key, Reads, Values } from '../../src/state/key.ts'
import { quote, type Script } from '../../src/target/sh.ts'
import type { Machine } from '../../src/sandbox/index.ts'
import { ssh } from './machine.ts'

export interface Convergence {
  readonly changes: readonly Change[]
  readonly steps: readonly Step[]
  readonly outputs: readonly StepOutput[]
  /** What is left to do; undefined when nothing was done. */
  readonly left: readonly Change[]
}

/** What a module would do to a machine. */
export async function planOn(
  host: Machine,
  module: AnyModule,
  given: unknown,
): Promise<{ changes: readonly Change[]; steps: readonly Step[] }> {
  const params = module.params.parse(given)
  const state = await readOn(host, module.reads(params))
  const changes = module.diff(state, params)
  return { changes, steps: changes.length === 0 ? [] : module.apply(changes, params, state) }
}

/** Runs one module against a machine as root, the way the engine does: read, diff, apply, read again. */
export async function convergeOn(host: Machine, module: AnyModule, given: unknown): Promise<Convergence> {
  const { changes, steps } = await planOn(host, module, given)
  const outputs: StepOutput[] = []
  for (const step of steps) {
    for (const script of [step.validate, step.script]) {
      if (script === undefined) continue
      const output = await runOn(host, script)
      if (script === step.script) outputs.push(output)
      if (output.code !== 0) return { changes, steps, outputs: [...outputs, output], left: changes }
    }
  }
  const params = module.params.parse(given)
  const left = module.diff(await readOn(host, module.reads(params)), params)
  return { changes, steps, outputs, left: left.filter((change) => change.transient !== true) }
}

async function readOn(host: Machine, reads: Reads): Promise<Values<Reads>> {
  const values: Record<string, unknown> = {}
  for (const [name, keys] of Object.entries(reads)) {
    if (keys === undefined) continue
    const answers = await askOn(host, (Array.isArray(keys) ? keys : [keys]) as readonly Key[])
    values[name] = Array.isArray(keys) ? answers : answers[0]
  }
  return values as Values<Reads>
}

/** The answers to keys of one kind. */
export async function askOn(host: Machine, keys: readonly Key[]): Promise<readonly unknown[]> {
  const kind: AnyKind | undefined = keys[0]?.kind
  if (kind === undefined) return []
  const questions = keys.map((key) => key.question)
  const { code, stdout, stderr } = await runOn(host, kind.read(questions))
  if (code !== 0) throw new Error(`reading ${kind.name}: ${stderr}`)
  return kind.parse(stdout, questions)
}

/** Runs a script as root with its attachments, under -eu: what holds there holds without. */
export async function runOn(host: Machine, script: Script): Promise<StepOutput> {
  const files = [...script.attachments].map(
    ([name, content]) => `echo ${quote(content.toString('base64'))} | base64 -d > "$FILES/"${quote(name)}`,
  )
  const setup = ['export LC_ALL=C FILES=$(mktemp -d)', ...files].join('\n')
  return ssh(
    host,
    `${setup}\ncd /; sh -euc ${quote(script.text)} </dev/null; code=$?; rm -r "$FILES"; exit $code`,
    {
      user: 'root',
    },
  )
}
