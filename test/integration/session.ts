import type { Change } from '../../src/modules/definition/change.ts'
import type { AnyModule, Step, StepOutput } from '../../src/modules/definition/module.ts'
import type { Machine } from '../../src/sandbox/index.ts'
import type { AnyKind, Key, Reads, Values } from '../../src/state/definition/key.ts'
import { openTarget } from '../../src/target/open-target.ts'
import type { Script } from '../../src/target/sh.ts'
import type { Outcome, Target } from '../../src/target/target.ts'

export interface Plan {
  readonly changes: readonly Change[]
  readonly steps: readonly Step[]
}

export interface Converged extends Plan {
  readonly outputs: readonly StepOutput[]
  /** The changes that are left to make. */
  readonly left: readonly Change[]
}

/** Runs single modules over a session to a machine, as root: read, compare, change, read again. */
export class Session {
  readonly #target: Target

  private constructor(target: Target) {
    this.#target = target
  }

  static async open(host: Machine): Promise<Session> {
    const target = await openTarget({
      name: host.name,
      connection: 'ssh',
      address: host.address,
      port: host.port,
      user: 'root',
      privateKeyFiles: [host.privateKeyFile],
      knownHostsFiles: [host.knownHostsFile],
    })
    return new Session(target)
  }

  close(): Promise<void> {
    return this.#target.close()
  }

  async run(script: Script): Promise<Outcome> {
    const [outcome] = await this.#target.run({ scripts: [script], timeLimit: 600 })
    if (outcome === undefined) throw new Error('a script without an outcome')
    return outcome
  }

  async plan(module: AnyModule, given: unknown): Promise<Plan> {
    const params = module.params.parse(given)
    const state = await this.#read(module.reads(params))
    const changes = module.diff(state, params)
    return { changes, steps: changes.length === 0 ? [] : module.apply(changes, params, state) }
  }

  async converge(module: AnyModule, given: unknown): Promise<Converged> {
    const planned = await this.plan(module, given)
    const outputs: StepOutput[] = []
    for (const { script } of planned.steps) {
      outputs.push(await this.run(script))
      if (outputs.at(-1)?.code !== 0) break
    }
    const { changes: left } = await this.plan(module, given)
    return { ...planned, outputs, left: left.filter((change) => change.transient !== true) }
  }

  async #read(reads: Reads): Promise<Values<Reads>> {
    const answers = Object.entries(reads).map(async ([name, asked]) => {
      if (asked === undefined) return [name, undefined]
      const keys = 'kind' in asked ? [asked] : asked
      const values = await this.#ask(keys)
      return [name, 'kind' in asked ? values[0] : values]
    })
    return Object.fromEntries(await Promise.all(answers)) as Values<Reads>
  }

  async #ask(keys: readonly Key[]): Promise<readonly unknown[]> {
    const kind: AnyKind | undefined = keys[0]?.kind
    if (kind === undefined) return []
    const questions = keys.map((key) => key.question)
    const { code, stdout, stderr } = await this.run(kind.read(questions))
    if (code !== 0) throw new Error(`reading ${kind.name}: ${stderr}`)
    return kind.parse(stdout, questions)
  }
}
