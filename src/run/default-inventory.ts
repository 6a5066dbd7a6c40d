import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { demandTrust } from './trusted-project.ts'

/**
 * Returns the inventory folder to use without `-i`: in the working directory, in the folder of the playbook, or alongside
 * it. Throws UserError if other users can write to it.
 */
export function defaultInventory(playbookDir: string): string[] {
  const places = [resolve('inventory'), join(playbookDir, 'inventory'), join(playbookDir, '..', 'inventory')]
  const found = places.filter((place) => existsSync(place)).slice(0, 1)
  for (const place of found)
    demandTrust(
      resolve(place),
      'inventory',
      `give -i ${place}, or change its owner and mode so that only you can write to it`,
    )
  return found
}
