import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

import { measure } from './measured-process.ts'

/** Ansible as Debian packages it, with community.mysql. */
export async function ensureAnsible(signal: AbortSignal, say: (line: string) => void): Promise<void> {
  const folders = (process.env.PATH ?? '').split(delimiter)
  if (folders.some((folder) => existsSync(join(folder, 'ansible-playbook')))) return
  if (process.getuid?.() !== 0) {
    throw new Error('ansible-playbook is missing: run as root, or apt-get install ansible-core ansible')
  }
  say('installing ansible-core and ansible with apt')
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const install = ['-qq', 'install', '--yes', '--no-install-recommends', 'ansible-core', 'ansible']
  await measure({ program: 'apt-get', argv: ['-qq', 'update'], env }, signal)
  await measure({ program: 'apt-get', argv: install, env }, signal)
}
