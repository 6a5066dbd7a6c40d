import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { demandTrust } from './trusted-project.ts'

/** The folder of inventories that is taken when none is named: here, or beside the folder of the playbook. Throws UserError where others can write to it. */
export function defaultInventory(playbookDir: string): string[] {
  const places = [resolve('inventory'), join(playbookDir, 'inventory'), join(playbookDir, '..', 'inventory')]
  const found = places.filter((place) => existsSync(place)).slice(0, 1)
  for (const place of found)
    demandTrust(
      resolve(place),
      'inventory',
      `Name it with -i ${place}, or make it yours and writable for you alone`,
    )
  return found
}
