import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { run } from '../run-command.ts'

/** The files of one machine that a client needs to log in. */
export interface KeyFiles {
  readonly privateKeyFile: string
  readonly knownHostsFile: string
}

export function keyFiles(folder: string): KeyFiles {
  return { privateKeyFile: join(folder, 'id_ed25519'), knownHostsFile: join(folder, 'known_hosts') }
}

/** The contents of the files that the machine itself needs. */
export interface MachineKeys {
  readonly hostKey: string
  readonly publicHostKey: string
  readonly authorizedKey: string
}

/** Creates the machine's host key and a key pair for logins. */
export async function makeKeys(folder: string, comment: string): Promise<MachineKeys> {
  const { privateKeyFile } = keyFiles(folder)
  await Promise.all(
    [privateKeyFile, hostKeyFile(folder)].map(
      (file) => run`ssh-keygen -q -t ed25519 -N ${''} -C ${comment} -f ${file}`,
    ),
  )
  return {
    hostKey: await readFile(hostKeyFile(folder), 'utf8'),
    publicHostKey: await readFile(`${hostKeyFile(folder)}.pub`, 'utf8'),
    authorizedKey: await readFile(`${privateKeyFile}.pub`, 'utf8'),
  }
}

/** Writes the known_hosts file, so that only this host key is accepted at this address. */
export async function pinHostKey(folder: string, address: string): Promise<void> {
  const [type, key] = (await readFile(`${hostKeyFile(folder)}.pub`, 'utf8')).split(' ')
  await writeFile(keyFiles(folder).knownHostsFile, `${address} ${String(type)} ${String(key)}\n`)
}

function hostKeyFile(folder: string): string {
  return join(folder, 'ssh_host_ed25519_key')
}
