import type { AnyModule, StepOutput } from '../../src/modules/definition/module.ts'
import type { Machine } from '../../src/sandbox/index.ts'
import type { Key } from '../../src/state/definition/key.ts'
import { openTarget, type OpenTarget } from '../../src/target/open-target.ts'
import type { Script } from '../../src/target/sh.ts'
import type { Target } from '../../src/target/target.ts'
import { convergeModule, type ConvergedModule } from '../engine/converge-module.ts'
import { machineOn } from '../engine/fake-machine.ts'

/** Returns the changes that a module would make on a machine. */
export function planOn(host: Target, module: AnyModule, given: unknown): Promise<ConvergedModule> {
  return convergeModule(host, module, module.params.parse(given), { check: true })
}

/** Converges a machine with a module. */
export function convergeOn(host: Target, module: AnyModule, given: unknown): Promise<ConvergedModule> {
  return convergeModule(host, module, module.params.parse(given))
}

/** Returns the answers to these keys. */
export async function askOn(host: Target, keys: readonly Key[]): Promise<readonly unknown[]> {
  const machine = machineOn(host)
  await machine.read({ user: undefined, keys }, [])
  return keys.map((key) => machine.state.lastSeen(undefined, key))
}

/** Returns the output of a script on a machine. */
export async function runOn(host: Target, script: Script): Promise<StepOutput> {
  const [outcome] = await host.run({ scripts: [script], timeLimit: 120 })
  if (outcome === undefined) throw new Error('the script was not run')
  return outcome
}

/** Opens a session of root on a throw-away machine. */
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
