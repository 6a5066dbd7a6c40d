import type { Release } from '../image/release.ts'
import { keyFiles } from './keys.ts'
import { machineFolder, readRecord, recordedNames, type MachineRecord } from './machine-record.ts'
import { isAlive } from './process-identity.ts'

/** A throw-away machine that is up, and how to log in to it: as its user, who may sudo, or as root. */
export interface Machine {
  readonly name: string
  readonly release: Release
  readonly address: string
  readonly port: number
  readonly user: string
  readonly privateKeyFile: string
  /** Holds this machine's host key for its address and nothing else. */
  readonly knownHostsFile: string
  /** The process of the outer machine that runs it. */
  readonly pid: number
}

/** The machine of this name, if it is up. */
export async function find(name: string): Promise<Machine | undefined> {
  const record = await readRecord(name)
  return record === undefined ? undefined : await running(record)
}

/** All machines that are up, whoever brought them up. */
export async function list(): Promise<Machine[]> {
  const machines = await Promise.all((await recordedNames()).map(find))
  return machines.filter((machine) => machine !== undefined)
}

/** The names of machines that ended by themselves or never came up, and still take room until they are taken down. */
export async function crashed(): Promise<string[]> {
  const names = await recordedNames()
  const records = await Promise.all(names.map(readRecord))
  const dead = await Promise.all(
    records.map(async (record) => record === undefined || !(await isInUse(record))),
  )
  return names.filter((_, index) => dead[index])
}

/** Whether the machine is up, or somebody is about to bring it up. */
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
