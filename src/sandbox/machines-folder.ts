import { chmod, lstat, mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'

import { UserError } from '../errors.ts'

/** Returns a path in the folder of images, machines and snapshots. */
export function home(...path: readonly string[]): string {
  return join(resolve(process.env['HOSTWRIGHT_SANDBOX_HOME'] ?? '/var/lib/hostwright/sandbox'), ...path)
}

/**
 * Creates the folders, which only root can access: they contain private keys, and files of a machine's root, which may
 * have the set-user-ID bit.
 */
export async function makeHome(): Promise<void> {
  await mkdir(home(), { recursive: true, mode: 0o700 })
  await checkHome()
  await Promise.all(['images', 'machines', 'snapshots', 'trash'].map((name) => makePrivateFolder(home(name))))
}

/** Fails if other users can rename the entries: they could redirect Hostwright to any folder with a symlink. */
async function checkHome(): Promise<void> {
  const { uid, mode } = await lstat(home())
  if (uid === process.getuid?.() && (mode & 0o022) === 0) return
  throw new UserError(`throw-away machines in ${home()}: other users can change the folder`, {
    hint: `chown root ${home()} && chmod 700 ${home()}, or set HOSTWRIGHT_SANDBOX_HOME to another folder`,
  })
}

/** Restricts a folder that an earlier version made world-readable. */
async function makePrivateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await chmod(folder, 0o700)
}
