import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { UserError } from '../errors.ts'
import { run } from './local.ts'

/** The programs that throw-away machines are made with, each with the Debian package that holds it. */
const programs = new Map([
  ['mmdebstrap', 'mmdebstrap'],
  ['systemd-nspawn', 'systemd-container'],
  ['nft', 'nftables'],
  ['ip', 'iproute2'],
  ['ssh', 'openssh-client'],
  ['ssh-keygen', 'openssh-client'],
  ['flock', 'util-linux'],
  ['unshare', 'util-linux'],
  ['bash', 'bash'],
])

const elsewhere =
  'Run against a machine that you have instead: hostwright run PLAYBOOK -i "HOST," (mind the comma after the name)'

/** Installs what is missing, or says what is missing. */
export async function ensurePrerequisites(onProgress: (line: string) => void): Promise<void> {
  const missing = await missingPrograms()
  const obstacle = obstacleTo({
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    hasApt: await isInstalled('apt-get'),
    missing,
  })
  if (obstacle !== undefined) throw obstacle
  if (missing.length === 0) return
  const packages = packagesOf(missing)
  onProgress(`installing ${packages.join(', ')} with apt`)
  const apt = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq']
  await run`${apt} update </dev/null`
  await run`${apt} install --yes --no-install-recommends ${packages} </dev/null`
}

export interface OuterMachine {
  readonly platform: string
  readonly isRoot: boolean
  readonly hasApt: boolean
  /** Programs that are not installed. */
  readonly missing: readonly string[]
}

/** Why there can be no throw-away machine here, if so. */
export function obstacleTo({ platform, isRoot, hasApt, missing }: OuterMachine): UserError | undefined {
  if (platform !== 'linux')
    return new UserError(`a throw-away machine needs Linux, this is ${platform}`, { hint: elsewhere })
  if (!isRoot) {
    const also = missing.length === 0 ? '' : ` and these packages: ${packagesOf(missing).join(', ')}`
    return new UserError(`a throw-away machine needs root${also}`, { hint: `Use sudo. ${elsewhere}` })
  }
  if (missing.length === 0 || hasApt) return undefined
  return new UserError(`a throw-away machine needs these programs: ${missing.join(', ')}`, {
    hint: `They are not installed, and there is no apt-get to install them with. ${elsewhere}`,
  })
}

function packagesOf(missing: readonly string[]): string[] {
  return [...new Set(missing.map((program) => programs.get(program) ?? program))]
}

async function missingPrograms(): Promise<string[]> {
  const found = await Promise.all([...programs.keys()].map(isInstalled))
  return [...programs.keys()].filter((_, index) => found[index] === false)
}

async function isInstalled(program: string): Promise<boolean> {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const tries = folders.map((folder) => access(join(folder, program), constants.X_OK))
  return (await Promise.allSettled(tries)).some((attempt) => attempt.status === 'fulfilled')
}
