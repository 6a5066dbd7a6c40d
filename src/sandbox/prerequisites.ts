import { access, constants } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'

import { UserError } from '../errors.ts'
import { keyring } from './apt-sources.ts'
import { run, searchPath } from './run-command.ts'

/** The programs and files that throw-away machines need, each with the Debian package that contains it. */
const ingredients = new Map([
  [keyring, 'debian-archive-keyring'],
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
  'run without --sandbox on your own machine: hostwright run PLAYBOOK -i "HOST," (note the comma after the name)'

/** Installs missing packages, or throws UserError that names them. */
export async function ensurePrerequisites(onProgress: (line: string) => void): Promise<void> {
  const missing = await missingIngredients()
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
  /** Missing programs and files. */
  readonly missing: readonly string[]
}

/** Returns the reason why throw-away machines are impossible on this computer, if there is one. */
export function obstacleTo({ platform, isRoot, hasApt, missing }: OuterMachine): UserError | undefined {
  if (platform !== 'linux')
    return new UserError(`throw-away machines need Linux: this is ${platform}`, {
      hint: `use a Linux machine, or ${elsewhere}`,
    })
  if (!isRoot) {
    const also = missing.length === 0 ? '' : ` and the packages ${packagesOf(missing).join(', ')}`
    return new UserError(`throw-away machines need root${also}`, { hint: `use sudo, or ${elsewhere}` })
  }
  if (missing.length === 0 || hasApt) return undefined
  return new UserError(`throw-away machines need programs that are not installed: ${missing.join(', ')}`, {
    hint: `install them by hand, because there is no apt-get; or ${elsewhere}`,
  })
}

function packagesOf(missing: readonly string[]): string[] {
  return [...new Set(missing.map((ingredient) => ingredients.get(ingredient) ?? ingredient))]
}

async function missingIngredients(): Promise<string[]> {
  const found = await Promise.all([...ingredients.keys()].map(isInstalled))
  return [...ingredients.keys()].filter((_, index) => found[index] === false)
}

/** Looks for a program by its name, and for any other file by its absolute path. */
async function isInstalled(ingredient: string): Promise<boolean> {
  const tries = isAbsolute(ingredient)
    ? [access(ingredient, constants.R_OK)]
    : searchPath().map((folder) => access(join(folder, ingredient), constants.X_OK))
  return (await Promise.allSettled(tries)).some((attempt) => attempt.status === 'fulfilled')
}
