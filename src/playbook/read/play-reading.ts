import { join, resolve } from 'node:path'

import type { PlayChecks } from '../check/play-checks.ts'

/** What belongs to one play while and after it is read. */
export class PlayReading {
  readonly playbookDir: string
  /** Names that tasks register, also those tasks that have a mistake. */
  readonly registered = new Set<string>()
  /** Set once the play is complete: what it defines is known only then. */
  checks: PlayChecks | undefined

  constructor(playbookDir: string) {
    this.playbookDir = playbookDir
  }

  /** The folders that hold roles. */
  rolesFolders(projectDir: string): string[] {
    return [
      ...new Set([
        join(this.playbookDir, 'roles'),
        join(projectDir, 'roles'),
        resolve(projectDir, 'playbooks', 'roles'),
      ]),
    ]
  }
}
