import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The folder of inventories that is taken when none is named: here, or beside the folder of the playbook. */
export function defaultInventory(playbookDir: string): string[] {
  const places = [resolve('inventory'), join(playbookDir, 'inventory'), join(playbookDir, '..', 'inventory')]
  return places.filter((place) => existsSync(place)).slice(0, 1)
}
