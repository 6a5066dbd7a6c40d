import { chmod, lstat, mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'

import { UserError } from '../../errors.ts'

/** Where images, machines and snapshots live. */
export function home(...path: readonly string[]): string {
  return join(resolve(process.env['HOSTWRIGHT_SANDBOX_HOME'] ?? '/var/lib/hostwright/sandbox'), ...path)
}

/**
 * Only root may look into its folders: they hold private keys, and programs that root of a machine made, which may
 * have the setuid bit.
 */
export async function makeHome(): Promise<void> {
  await mkdir(home(), { recursive: true, mode: 0o700 })
  await checkHome()
  await Promise.all(['images', 'machines', 'snapshots', 'trash'].map((name) => makePrivateFolder(home(name))))
}

/** A user who can rename its entries could redirect us to any folder by a symlink. */
async function checkHome(): Promise<void> {
  const { uid, mode } = await lstat(home())
  if (uid === process.getuid?.() && (mode & 0o022) === 0) return
  throw new UserError(`throw-away machines in ${home()}: other users can change the folder`, {
    hint: `chown root ${home()} && chmod 700 ${home()}, or set HOSTWRIGHT_SANDBOX_HOME to another folder`,
  })
}

/** One that an earlier version made for everyone is closed. */
async function makePrivateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await chmod(folder, 0o700)
}
