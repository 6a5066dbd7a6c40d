import { join, resolve } from 'node:path'

import type { PlayChecks } from '../check/play-checks.ts'

/** The state of reading one play. */
export class PlayReading {
  readonly playbookDir: string
  /** Names that tasks register, including invalid tasks. */
  readonly registered = new Set<string>()
  /** Set when the play is complete and its definitions are known. */
  checks: PlayChecks | undefined

  constructor(playbookDir: string) {
    this.playbookDir = playbookDir
  }

  /** Returns the folders that contain roles. */
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
