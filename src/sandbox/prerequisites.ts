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
  if (process.platform !== 'linux')
    throw new UserError(`a throw-away machine needs Linux, this is ${process.platform}`, { hint: elsewhere })
  const missing = await missingPrograms()
  const packages = [...new Set(missing.map((program) => programs.get(program) ?? program))]
  if (process.getuid?.() !== 0) {
    const also = missing.length === 0 ? '' : `, and these packages: ${packages.join(', ')}`
    throw new UserError(`a throw-away machine needs root${also}`, { hint: `Use sudo. ${elsewhere}` })
  }
  if (missing.length === 0) return
  if (!(await isInstalled('apt-get')))
    throw new UserError(`a throw-away machine needs ${missing.join(', ')}: not installed`, {
      hint: elsewhere,
    })
  onProgress(`installing ${packages.join(', ')} with apt`)
  await run`DEBIAN_FRONTEND=noninteractive apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends ${packages} </dev/null`
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
