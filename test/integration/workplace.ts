import { on } from 'node:events'
import { watch } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { RunEnded, JournalEntry } from '../../src/deploy/journal.ts'
import { project } from './command.ts'

/** A folder to run hostwright in, with this project's playbooks, templates and inventory, and with the files of its runs. */
export class Workplace {
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  static async create(): Promise<Workplace> {
    const workplace = new Workplace(await mkdtemp(join(tmpdir(), 'hostwright-workplace-')))
    await mkdir(workplace.path('.hostwright'))
    for (const name of ['playbooks', 'templates', 'inventory'])
      await symlink(join(project, name), workplace.path(name))
    return workplace
  }

  path(...names: readonly string[]): string {
    return join(this.folder, ...names)
  }

  /** Returns the journal of the deploys from this folder. */
  async journal(): Promise<JournalEntry[]> {
    const text = await readFile(this.path('.hostwright', 'deploys.jsonl'), 'utf8').catch(() => '')
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as JournalEntry)
  }

  /** Returns the result of the deploy of this name, if it has ended. */
  async endOf(name: string): Promise<RunEnded | undefined> {
    const entries = await this.journal()
    const start = entries.find((entry) => 'reference' in entry && entry.reference.name === name)
    return entries.filter((entry) => entry.event === 'ended').find(({ run }) => run === start?.run)
  }

  /** Waits until the deploy of this name has ended. */
  async untilEndOf(name: string): Promise<RunEnded> {
    const watcher = watch(this.path('.hostwright'))
    const changes = on(watcher, 'change')
    try {
      for (;;) {
        const end = await this.endOf(name)
        if (end !== undefined) return end
        await changes.next()
      }
    } finally {
      watcher.close()
    }
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true })
  }
}
