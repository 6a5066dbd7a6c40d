import { converge, type ConvergeOptions } from '../../src/engine/converge/converge.ts'
import type { Convergence } from '../../src/engine/converge/convergence.ts'
import { invocationOf } from '../../src/engine/converge/invocation.ts'
import type { Change } from '../../src/modules/definition/change.ts'
import type { AnyModule, Given, Lease, StepOutput } from '../../src/modules/definition/module.ts'
import type { Target } from '../../src/target/target.ts'
import { converging, machineOn } from './fake-machine.ts'

export interface ConvergedModule {
  readonly convergence: Convergence
  readonly changes: readonly Change[]
  /** The state after the changes, by the names of the module's reads. */
  readonly state: Readonly<Record<string, unknown>>
  /** The output of the steps, including a failed one. */
  readonly outputs: readonly StepOutput[]
}

/** Converges one module on a machine without stored answers. Acquired leases are not released. */
export async function convergeModule(
  target: Target,
  module: AnyModule,
  params: Given<object>,
  options: Partial<ConvergeOptions> = {},
): Promise<ConvergedModule> {
  let seen: Pick<ConvergedModule, 'state' | 'outputs'> = { state: {}, outputs: [] }
  const watched: AnyModule = {
    ...module,
    result(done) {
      seen = { state: done.state, outputs: done.outputs }
      return module.result?.(done) ?? {}
    },
  }
  const machine = machineOn(target, { lookAhead: false })
  const leases: Lease[] = []
  const run = converging({
    ...options,
    onSteps(steps) {
      leases.push(...steps.flatMap(({ acquires = [] }) => acquires))
    },
  })
  const convergence = await converge(machine, invocationOf(watched, params, undefined), run)
  for (const { name } of leases) machine.leases.forget(name)
  const changes = convergence.type === 'unknown' ? [] : convergence.changes
  const failedProof =
    convergence.type === 'failed' && convergence.step === 'validate' ? [convergence.outcome] : []
  const outputs = [...seen.outputs, ...failedProof].map(({ code, stdout, stderr }) => ({
    code,
    stdout,
    stderr,
  }))
  return { ...seen, convergence, changes, outputs }
}
