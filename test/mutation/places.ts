import { join } from 'node:path'

export const projectFolder = join(import.meta.dirname, '../..')

/** The record of which tests execute which statements, kept between runs. */
export const cacheFile = join(projectFolder, 'coverage/executed.json')

/** A part of `src` that must catch its mutants. */
export interface Area {
  readonly name: string
  /** @param file its path in the project */
  includes(file: string): boolean
  /** The path prefixes of its tests; other tests execute it too, but test something else. */
  readonly tests: readonly string[]
}

export const areas: readonly Area[] = [
  {
    name: 'engine',
    includes: (file) => file.startsWith('src/engine/') || file === 'src/state/pending-handlers.ts',
    tests: ['test/engine/', 'test/state/pending-handlers'],
  },
  { name: 'target', includes: (file) => file.startsWith('src/target/'), tests: ['test/target/'] },
  {
    name: 'variables',
    includes: (file) => file.startsWith('src/variables/'),
    tests: ['test/variables/', 'test/engine/', 'test/playbook/'],
  },
  {
    name: 'modules/deploy',
    includes: (file) => /^src\/modules\/deploy[/_]/.test(file),
    tests: ['test/modules/deploy', 'test/state/deploy', 'test/playbook/shipped'],
  },
]

export function areaOf(file: string): Area | undefined {
  return areas.find((area) => area.includes(file))
}
