import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'

/** Where images, machines and snapshots live; only root may look inside, there are private keys. */
export function home(...path: readonly string[]): string {
  return join(resolve(process.env['HOSTWRIGHT_SANDBOX_HOME'] ?? '/var/lib/hostwright/sandbox'), ...path)
}

export async function makeHome(): Promise<void> {
  await mkdir(home(), { recursive: true, mode: 0o700 })
  await Promise.all(
    ['images', 'machines', 'snapshots', 'trash'].map((folder) => mkdir(home(folder), { recursive: true })),
  )
}
