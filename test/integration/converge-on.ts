import type { AnyModule, Change, Step, StepOutput } from '../../src/modules/definition/module.ts'
import type { Machine } from '../../src/sandbox/index.ts'
import type { AnyKind, Key, Reads, Values } from '../../src/state/definition/key.ts'
import { openTarget, type OpenTarget } from '../../src/target/open-target.ts'
import type { Script } from '../../src/target/sh.ts'
import type { Target } from '../../src/target/target.ts'

export interface Convergence {
  readonly changes: readonly Change[]
  readonly steps: readonly Step[]
  readonly outputs: readonly StepOutput[]
  /** What is left to do; undefined when nothing was done. */
  readonly left: readonly Change[]
}

/** What a module would do to a machine. */
export async function planOn(
  host: Target,
  module: AnyModule,
  given: unknown,
): Promise<{ changes: readonly Change[]; steps: readonly Step[] }> {
  const params = module.params.parse(given)
  const state = await readOn(host, module.reads(params))
  const changes = module.diff(state, params)
  return { changes, steps: changes.length === 0 ? [] : module.apply(changes, params, state) }
}

/** Runs one module against a machine, the way the engine does: read, diff, apply, read again. */
export async function convergeOn(host: Target, module: AnyModule, given: unknown): Promise<Convergence> {
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

async function readOn(host: Target, reads: Reads): Promise<Values<Reads>> {
  const values: Record<string, unknown> = {}
  for (const [name, keys] of Object.entries(reads)) {
    if (keys === undefined) continue
    const answers = await askOn(host, (Array.isArray(keys) ? keys : [keys]) as readonly Key[])
    values[name] = Array.isArray(keys) ? answers : answers[0]
  }
  return values as Values<Reads>
}

/** The answers to keys of one kind. */
export async function askOn(host: Target, keys: readonly Key[]): Promise<readonly unknown[]> {
  const kind: AnyKind | undefined = keys[0]?.kind
  if (kind === undefined) return []
  const questions = keys.map((key) => key.question)
  const { code, stdout, stderr } = await runOn(host, kind.read(questions))
  if (code !== 0) throw new Error(`reading ${kind.name}: ${stderr}`)
  return kind.parse(stdout, questions)
}

/** What a script prints on a machine. */
export async function runOn(host: Target, script: Script): Promise<StepOutput> {
  const [outcome] = await host.run({ scripts: [script], timeLimit: 120 })
  if (outcome === undefined) throw new Error('the script was not run')
  return outcome
}

/** A session of root on a throw-away machine. */
export function rootOn(machine: Machine): Promise<OpenTarget> {
  return openTarget({
    name: machine.name,
    connection: 'ssh',
    address: machine.address,
    port: machine.port,
    user: 'root',
    privateKeyFiles: [machine.privateKeyFile],
    knownHostsFiles: [machine.knownHostsFile],
  })
}
