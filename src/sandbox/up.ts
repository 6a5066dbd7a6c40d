import { randomBytes } from 'node:crypto'
import { chmod, chown, mkdir } from 'node:fs/promises'
import { join } from 'node:path'

import { UserError } from '../errors.ts'
import type { Release } from './debian-release.ts'
import { dismantle, inTurn } from './down.ts'
import { ensureImage } from './image/image.ts'
import { snapshotNamed } from './image/snapshot-store.ts'
import { sweepTrash } from './machine/cleanup.ts'
import { launch } from './machine/container.ts'
import { hostnameOf } from './machine/hostname.ts'
import { bootScript } from './machine/identity.ts'
import { findObstacleToIsolation, firstUser } from './machine/isolation.ts'
import { keyFiles, makeKeys, pinHostKey } from './machine/keys.ts'
import {
  checkName,
  idOf,
  machineFolder,
  readRecord,
  writeRecord,
  type MachineRecord,
} from './machine/machine-record.ts'
import { isInUse, running, type Machine } from './machine/machine.ts'
import { identify } from './machine/process-identity.ts'
import { awaitReady, bootError } from './machine/readiness.ts'
import { makeHome } from './machines-folder.ts'
import type { NetworkMode } from './network/firewall.ts'
import { connect, type Network } from './network/network.ts'
import { resolverFiles } from './network/resolver.ts'
import { nameServers, packageServers } from './network/service.ts'
import { ensurePrerequisites } from './prerequisites.ts'

/** The base of a machine: the system of a release, or a snapshot. */
export type UpOptions = UpSettings &
  (
    | { readonly release: Release; readonly from?: undefined }
    | { readonly from: string; readonly release?: undefined }
  )

export interface UpSettings {
  /** True to replace a machine of the same name. */
  readonly fresh?: boolean
  /** The networks that it can reach; isolated by default. */
  readonly network?: NetworkMode
  readonly onProgress?: (line: string) => void
  /** Cancels the start and removes the machine. */
  readonly signal?: AbortSignal
}

/** Starts a machine, which keeps running when this process ends. */
export async function up(name: string, options: UpOptions): Promise<Machine> {
  checkName(name)
  const { onProgress = () => undefined, signal } = options
  await ensurePrerequisites(onProgress)
  await makeHome()
  const base = await baseOf(options, onProgress, signal)
  signal?.throwIfAborted()
  const claimed = await inTurn(() => claim(name, base, options.fresh ?? false))
  await sweepTrash()
  try {
    const prepared = await prepare(claimed, base.isSnapshot, options.network ?? 'isolated')
    const record = await inTurn(() => boot(claimed, prepared))
    return await ready(record, onProgress, signal)
  } catch (error) {
    const wasOurs = await inTurn(() => abandon(claimed))
    await sweepTrash()
    signal?.throwIfAborted()
    if (wasOurs) throw error
    throw new UserError(`the throw-away machine ${name} was removed while it started`, { cause: error })
  }
}

interface Base {
  readonly release: Release
  readonly layers: readonly string[]
  readonly isolated: boolean
  readonly isSnapshot: boolean
}

async function baseOf(
  options: UpOptions,
  onProgress: (line: string) => void,
  signal: AbortSignal | undefined,
): Promise<Base> {
  const obstacle = await findObstacleToIsolation()
  if (options.from !== undefined) return await baseOfSnapshot(options.from, obstacle, onProgress)
  const isolated = obstacle === undefined
  if (!isolated) onProgress(noIsolation(obstacle))
  const settings = { isolated, onProgress, ...(signal === undefined ? {} : { signal }) }
  const image = await ensureImage(options.release, settings)
  return { release: options.release, layers: [image], isolated, isSnapshot: false }
}

/** Returns the base of a machine from a snapshot, which keeps the owners of its files. */
async function baseOfSnapshot(
  name: string,
  obstacle: string | undefined,
  onProgress: (line: string) => void,
): Promise<Base> {
  const made = await snapshotNamed(name)
  if (made.isolated && obstacle !== undefined)
    throw new UserError(`the snapshot ${name} comes from an isolated machine: ${obstacle}`, {
      hint: 'start a machine from a release instead',
    })
  if (!made.isolated) onProgress(noIsolation(`the snapshot ${name} was made without isolation`))
  return { ...made, isSnapshot: true }
}

function noIsolation(reason: string): string {
  return `no isolation: ${reason}; root in the machine is root on your computer, run only your own code there`
}

/** Reserves the name, and removes the remains of a dead machine of that name. */
async function claim(name: string, base: Base, fresh: boolean): Promise<MachineRecord> {
  const predecessor = await readRecord(name)
  if (predecessor !== undefined && !fresh && (await isInUse(predecessor))) {
    throw new UserError(`the throw-away machine ${name} is already running`, {
      hint: `remove it first with hostwright sandbox down ${name}, or replace it with --fresh`,
    })
  }
  await dismantle(name)
  const { release, layers, isolated } = base
  const instance = randomBytes(16).toString('hex')
  const record = { name, instance, release, layers, isolated, owner: await identify(process.pid) }
  await writeRecord(record)
  return record
}

interface Prepared {
  readonly script: string
  readonly network: Network
}

/** Creates the machine's keys and identity. A machine from a snapshot keeps its names and addresses. */
async function prepare(record: MachineRecord, isSnapshot: boolean, mode: NetworkMode): Promise<Prepared> {
  const { name, instance, isolated, layers } = record
  const folder = machineFolder(name)
  await Promise.all(['upper', 'work', 'root'].map((entry) => mkdir(join(folder, entry))))
  const upper = join(folder, 'upper')
  // these become the mode of the machine's root directory, independent of the umask
  await chmod(upper, 0o755)
  if (isolated) await chown(upper, firstUser, firstUser)
  const hostname = hostnameOf(name)
  const [resolver, servers, keys] = await Promise.all([
    resolverFiles(hostname),
    packageServers(layers.at(-1) ?? ''),
    makeKeys(folder, `sandbox-${name}`),
  ])
  return {
    script: bootScript(keys, instance, isSnapshot ? undefined : { hostname, ...resolver }),
    network: { mode, services: [...nameServers(resolver.resolvConf), ...servers] },
  }
}

async function boot(record: MachineRecord, { script, network }: Prepared): Promise<MachineRecord> {
  const { name, instance, layers, isolated } = record
  const folder = machineFolder(name)
  const id = idOf(name)
  if (!(await isCurrent(record))) throw new UserError(`${name} no longer exists`)
  const container = await launch({ folder, id, hostname: hostnameOf(name), layers, instance, isolated })
  if (container === undefined) throw await bootError({ name, folder }, 'its setup failed')
  const subnet = await connect(id, container.init, network)
  await pinHostKey(folder, subnet.inner)
  const booted = { address: subnet.inner, process: await identify(container.pid) }
  await writeRecord({ ...record, booted })
  container.boot(script)
  return { ...record, booted }
}

async function ready(
  record: MachineRecord,
  onProgress: (line: string) => void,
  signal: AbortSignal | undefined,
): Promise<Machine> {
  const { name, booted } = record
  if (booted === undefined) throw new Error(`${name} was not booted`)
  const folder = machineFolder(name)
  await awaitReady({ name, folder, ...booted, ...keyFiles(folder) }, onProgress, signal)
  const machine = await running(record)
  if (machine === undefined) throw await bootError({ name, folder }, 'it terminated right after its boot')
  return machine
}

/** Removes the machine that this process started, unless another process already did. Returns whether it did. */
async function abandon(record: MachineRecord): Promise<boolean> {
  const isOurs = await isCurrent(record)
  if (isOurs) await dismantle(record.name)
  return isOurs
}

/** Returns whether the name still belongs to this machine. */
async function isCurrent({ name, instance }: MachineRecord): Promise<boolean> {
  return (await readRecord(name))?.instance === instance
}
