import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from './local.ts'

/** The files of one machine that a client needs to log in. */
export interface KeyFiles {
  readonly privateKeyFile: string
  readonly knownHostsFile: string
}

export function keyFiles(folder: string): KeyFiles {
  return { privateKeyFile: join(folder, 'id_ed25519'), knownHostsFile: join(folder, 'known_hosts') }
}

/** Makes the machine's own host key and a key pair that may log in to it. */
export async function makeKeys(folder: string, comment: string): Promise<void> {
  await Promise.all(
    [keyFiles(folder).privateKeyFile, hostKeyFile(folder)].map(
      (file) => run`ssh-keygen -q -t ed25519 -N ${''} -C ${comment} -f ${file}`,
    ),
  )
}

/** From here on only this host key is accepted at this address. */
export async function pinHostKey(folder: string, address: string): Promise<void> {
  const [type, key] = (await readFile(`${hostKeyFile(folder)}.pub`, 'utf8')).split(' ')
  await writeFile(keyFiles(folder).knownHostsFile, `${address} ${String(type)} ${String(key)}\n`)
}

export function hostKeyFile(folder: string): string {
  return join(folder, 'ssh_host_ed25519_key')
}
