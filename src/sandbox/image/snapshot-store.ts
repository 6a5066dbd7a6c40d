import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { UserError } from '../../errors.ts'
import type { Release } from '../debian-release.ts'
import { machineFolder, type MachineRecord } from '../machine/machine-record.ts'
import { home } from '../machines-folder.ts'

/** A saved state of a machine, from which any number of machines can start. */
export interface Snapshot {
  readonly name: string
  readonly release: Release
  /** Its layers, topmost first; the image of the release is last. */
  readonly layers: readonly string[]
  /** True if the layers belong to users of isolated machines. */
  readonly isolated: boolean
}

/** Creates a snapshot of a stopped machine: moves its upper layer there, and records the layers below it. */
export async function keepSnapshot(name: string, machine: MachineRecord): Promise<Snapshot> {
  const { release, layers, isolated } = machine
  const made = { name, release, layers: [snapshotFile(name, 'layer'), ...layers], isolated }
  const unfinished = join(machineFolder(machine.name), 'snapshot')
  await mkdir(unfinished)
  await rename(join(machineFolder(machine.name), 'upper'), join(unfinished, 'layer'))
  await writeFile(join(unfinished, 'snapshot.json'), JSON.stringify(made, undefined, 2))
  await rename(unfinished, snapshotFile(name))
  return made
}

export async function snapshotNamed(name: string): Promise<Snapshot> {
  try {
    const text = await readFile(snapshotFile(name, 'snapshot.json'), 'utf8')
    // snapshots of versions without isolation do not record it
    return { isolated: false, ...(JSON.parse(text) as Omit<Snapshot, 'isolated'>) }
  } catch {
    const known = await snapshotNames()
    throw new UserError(`no snapshot ${name}`, {
      hint:
        known.length === 0 ? 'create one with hostwright sandbox snapshot' : `use one of ${known.join(', ')}`,
    })
  }
}

export async function snapshots(): Promise<Snapshot[]> {
  return await Promise.all((await snapshotNames()).map(snapshotNamed))
}

export async function snapshotNames(): Promise<string[]> {
  return (await readdir(home('snapshots'))).sort()
}

/** Removes a snapshot. Machines that are based on it must be down. */
export async function removeSnapshot(name: string): Promise<void> {
  await snapshotNamed(name)
  await rm(snapshotFile(name), { recursive: true })
}

function snapshotFile(...path: readonly string[]): string {
  return home('snapshots', ...path)
}
