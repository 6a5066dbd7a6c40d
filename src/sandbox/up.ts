import { randomBytes } from 'node:crypto'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../errors.ts'
import { launch } from './container.ts'
import { dismantle, inTurn } from './down.ts'
import { makeHome } from './home.ts'
import { hostnameOf } from './hostname.ts'
import { ensureImage, type ImageOptions } from './image.ts'
import { keyFiles, makeKeys, pinHostKey } from './keys.ts'
import { isInUse, running, type Machine } from './machine.ts'
import { connect } from './network.ts'
import { ensurePrerequisites } from './prerequisites.ts'
import { identify } from './process-identity.ts'
import { awaitReady, bootError } from './readiness.ts'
import { checkName, idOf, machineFolder, readRecord, writeRecord, type MachineRecord } from './record.ts'
import type { Release } from './release.ts'
import { resolverFiles } from './resolver.ts'
import { snapshotNamed } from './snapshot-store.ts'
import { sweepTrash } from './trash.ts'

/** A machine starts from a release's bare system, or from a snapshot. */
export type UpOptions = UpSettings &
  (
    | { readonly release: Release; readonly from?: undefined }
    | { readonly from: string; readonly release?: undefined }
  )

export interface UpSettings {
  /** Replace a machine of the same name. */
  readonly fresh?: boolean
  readonly onProgress?: (line: string) => void
  /** Breaks it off: then there is no machine. */
  readonly signal?: AbortSignal
}

/** Brings up a machine; it stays up when this process ends. */
export async function up(name: string, options: UpOptions): Promise<Machine> {
  checkName(name)
  const { onProgress = () => undefined, signal } = options
  await ensurePrerequisites(onProgress)
  await makeHome()
  const base = await baseOf(options, { onProgress, ...(signal === undefined ? {} : { signal }) })
  signal?.throwIfAborted()
  const claimed = await inTurn(() => claim(name, base, options.fresh ?? false))
  await sweepTrash()
  try {
    await prepare(claimed, base.isSnapshot)
    const record = await inTurn(() => boot(claimed))
    return await ready(record, onProgress, signal)
  } catch (error) {
    const wasOurs = await inTurn(() => abandon(claimed))
    await sweepTrash()
    signal?.throwIfAborted()
    if (wasOurs) throw error
    throw new UserError(`the throw-away machine ${name} was taken down while it came up`, { cause: error })
  }
}

interface Base {
  readonly release: Release
  readonly layers: readonly string[]
  readonly isSnapshot: boolean
}

async function baseOf(options: UpOptions, imageOptions: ImageOptions): Promise<Base> {
  if (options.from !== undefined) return { ...(await snapshotNamed(options.from)), isSnapshot: true }
  const image = await ensureImage(options.release, imageOptions)
  return { release: options.release, layers: [image], isSnapshot: false }
}

/** Reserves the name. What a dead predecessor left goes away without a word. */
async function claim(name: string, base: Base, fresh: boolean): Promise<MachineRecord> {
  const predecessor = await readRecord(name)
  if (predecessor !== undefined && !fresh && (await isInUse(predecessor))) {
    throw new UserError(`the throw-away machine ${name} is already up`, {
      hint: `hostwright sandbox down ${name}`,
    })
  }
  await dismantle(name)
  const { release, layers } = base
  const instance = randomBytes(16).toString('hex')
  const record = { name, instance, release, layers, owner: await identify(process.pid) }
  await writeRecord(record)
  return record
}

/** Its own keys and identity; a machine from a snapshot keeps the names and addresses that it knows. */
async function prepare({ name, instance }: MachineRecord, isSnapshot: boolean): Promise<void> {
  const folder = machineFolder(name)
  const inFolder = (...path: string[]) => join(folder, ...path)
  await Promise.all(['upper', 'work', 'root', 'identity'].map((entry) => mkdir(inFolder(entry))))
  // it becomes the mode of the machine's root directory, whatever our umask
  await chmod(inFolder('upper'), 0o755)
  await makeKeys(folder, `sandbox-${name}`)
  await writeFile(inFolder('identity', 'machine-id'), `${instance}\n`)
  if (isSnapshot) return
  const resolver = await resolverFiles(hostnameOf(name))
  await writeFile(inFolder('identity', 'hostname'), `${hostnameOf(name)}\n`)
  await writeFile(inFolder('identity', 'hosts'), resolver.hosts)
  await writeFile(inFolder('identity', 'resolv.conf'), resolver.resolvConf)
}

async function boot(record: MachineRecord): Promise<MachineRecord> {
  const { name, layers } = record
  const folder = machineFolder(name)
  const id = idOf(name)
  if (!(await isCurrent(record))) throw new UserError(`${name} is gone`)
  const container = await launch({ folder, id, hostname: hostnameOf(name), layers })
  if (container === undefined) throw await bootError({ name, folder }, 'it cannot be set up')
  const subnet = await connect(id, container.pid)
  await pinHostKey(folder, subnet.inner)
  const booted = { address: subnet.inner, process: await identify(container.pid) }
  await writeRecord({ ...record, booted })
  container.boot()
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
  if (machine === undefined) throw await bootError({ name, folder }, 'it ended right after its boot')
  return machine
}

/** Takes down what this process began, unless somebody did so already; whether it had to. */
async function abandon(record: MachineRecord): Promise<boolean> {
  const isOurs = await isCurrent(record)
  if (isOurs) await dismantle(record.name)
  return isOurs
}

/** Whether the name still belongs to this machine. */
async function isCurrent({ name, instance }: MachineRecord): Promise<boolean> {
  return (await readRecord(name))?.instance === instance
}
