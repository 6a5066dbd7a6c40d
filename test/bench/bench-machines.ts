import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { down, up, type Machine } from '../../src/sandbox/index.ts'
import { hostwright } from './contestants.ts'
import { measure } from './measured-process.ts'

/** Throw-away machines of one benchmark, all from the same image. */
export class BenchMachines {
  readonly #names = new Set<string>()
  readonly #signal: AbortSignal
  readonly #say: (line: string) => void
  #made = 0
  #converged: Promise<Machine> | undefined

  constructor(signal: AbortSignal, say: (line: string) => void) {
    this.#signal = signal
    this.#say = say
  }

  async fresh(): Promise<Machine> {
    this.#signal.throwIfAborted()
    this.#made += 1
    const name = `bench-${process.pid}-${this.#made}`
    const machine = await up(name, { release: 'bookworm', onProgress: this.#say })
    this.#names.add(name)
    this.#signal.throwIfAborted()
    return machine
  }

  /** The machine on which site.yml has nothing to change. */
  converged(): Promise<Machine> {
    this.#converged ??= this.#converge()
    return this.#converged
  }

  async down({ name }: Machine): Promise<void> {
    this.#names.delete(name)
    await down(name)
  }

  async downAll(): Promise<void> {
    for (const name of this.#names) await down(name)
    this.#names.clear()
  }

  async #converge(): Promise<Machine> {
    const machine = await this.fresh()
    this.#say('converging a machine')
    await measure(hostwright(machine, []), this.#signal)
    return machine
  }
}

/** The same machine at another address of this computer. */
export async function machineAtPort(machine: Machine, port: number, folder: string): Promise<Machine> {
  const knownHostsFile = join(folder, `known-hosts-${port}`)
  const pinned = await readFile(machine.knownHostsFile, 'utf8')
  await writeFile(knownHostsFile, pinned.replaceAll(/^\S+/gm, `[127.0.0.1]:${port}`))
  return { ...machine, address: '127.0.0.1', port, knownHostsFile }
}
