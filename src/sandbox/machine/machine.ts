import type { Release } from '../debian-release.ts'
import { keyFiles } from './keys.ts'
import { machineFolder, readRecord, recordedNames, type MachineRecord } from './machine-record.ts'
import { isAlive } from './process-identity.ts'

/** A running throw-away machine, and how to log in to it: as its user, who can use sudo, or as root. */
export interface Machine {
  readonly name: string
  readonly release: Release
  readonly address: string
  readonly port: number
  readonly user: string
  readonly privateKeyFile: string
  /** A known_hosts file with only this machine's host key. */
  readonly knownHostsFile: string
  /** The process of the outer machine that runs it. */
  readonly pid: number
}

/** Returns the machine of this name, if it is running. */
export async function find(name: string): Promise<Machine | undefined> {
  const record = await readRecord(name)
  return record === undefined ? undefined : await running(record)
}

/** Returns all running machines, including those of other processes. */
export async function list(): Promise<Machine[]> {
  const machines = await Promise.all((await recordedNames()).map(find))
  return machines.filter((machine) => machine !== undefined)
}

/** Returns the names of machines that ended or failed to start, and use disk space until they are removed. */
export async function crashed(): Promise<string[]> {
  const names = await recordedNames()
  const records = await Promise.all(names.map(readRecord))
  const dead = await Promise.all(
    records.map(async (record) => record === undefined || !(await isInUse(record))),
  )
  return names.filter((_, index) => dead[index])
}

/** Returns whether the machine is running or being started. */
export async function isInUse({ booted, owner }: MachineRecord): Promise<boolean> {
  return await isAlive(booted?.process ?? owner)
}

export async function running(record: MachineRecord): Promise<Machine | undefined> {
  const { name, release, booted } = record
  if (booted === undefined || !(await isAlive(booted.process))) return undefined
  return {
    name,
    release,
    address: booted.address,
    port: 22,
    user: 'deploy',
    ...keyFiles(machineFolder(name)),
    pid: booted.process.pid,
  }
}
