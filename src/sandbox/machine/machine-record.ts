import { createHash } from 'node:crypto'
import { mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { UserError } from '../../errors.ts'
import type { Release } from '../debian-release.ts'
import { home } from '../machines-folder.ts'
import type { ProcessIdentity } from './process-identity.ts'

/** The record of a machine in its folder, for every process. */
export interface MachineRecord {
  readonly name: string
  /** 32 hexadecimal digits, its /etc/machine-id too: distinguishes it from a later machine of the same name. */
  readonly instance: string
  readonly release: Release
  /** The folders under its upper layer, topmost first. */
  readonly layers: readonly string[]
  /** True if the machine is isolated; its layers then belong to its own users. */
  readonly isolated: boolean
  /** The process that starts it. */
  readonly owner: ProcessIdentity
  /** The address and the process, which are known when the machine boots. */
  readonly booted?: { readonly address: string; readonly process: ProcessIdentity }
}

export function checkName(name: string): void {
  if (/^[\dA-Za-z][\w.-]*$/.test(name) && name.length <= 128) return
  throw new UserError(`invalid name of a throw-away machine: ${JSON.stringify(name)}`, {
    hint: 'use letters, digits, ".", "-" and "_", and begin with a letter or digit',
  })
}

/** Returns the name of the machine's interface (at most 15 characters), nftables table and control group. */
export function idOf(name: string): string {
  return idOfFolder(machineFolder(name))
}

/** Returns an id for a folder; no two state folders share one. */
export function idOfFolder(folder: string): string {
  return `hw-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`
}

export function machineFolder(name: string): string {
  return home('machines', name)
}

/** Returns undefined if there is no such machine, or if its creator died before it wrote the record. */
export async function readRecord(name: string): Promise<MachineRecord | undefined> {
  const text = await readFile(recordFile(name), 'utf8').catch(undefinedWhenMissing)
  return text === undefined ? undefined : (JSON.parse(text) as MachineRecord)
}

export async function writeRecord(record: MachineRecord): Promise<void> {
  await mkdir(machineFolder(record.name), { recursive: true })
  const unfinished = `${recordFile(record.name)}.${record.instance}`
  await writeFile(unfinished, JSON.stringify(record, undefined, 2))
  await rename(unfinished, recordFile(record.name))
}

/** Returns the names of all machines that have files in the state folder. */
export async function recordedNames(): Promise<string[]> {
  return ((await readdir(home('machines')).catch(undefinedWhenMissing)) ?? []).sort()
}

function undefinedWhenMissing(error: unknown): undefined {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return undefined
  if (code !== 'EACCES') throw error
  throw new UserError(`only root can access ${home()}`, { hint: 'use sudo', cause: error })
}

function recordFile(name: string): string {
  return join(machineFolder(name), 'machine.json')
}
