import type { FileHandle } from 'node:fs/promises'

import { UserError } from '../errors.ts'
import type { ExitCode } from '../errors.ts'
import type { Deployer } from './deployer.ts'
import type { Reference } from './reference.ts'
import { kept, makeFolderOf, onDisk, openPrivate } from './state-folder.ts'

/** The outcome of a deploy or a rollback on a host. */
export type HostOutcome =
  'switched' | 'unchanged' | 'rolled back' | 'failed' | 'unreachable' | 'interrupted' | 'untouched'

export interface DeployStarted {
  readonly event: 'started'
  readonly run: string
  readonly release: string
  readonly reference: Reference
  readonly sha: string
  readonly by: Deployer
}

export interface RollbackStarted {
  readonly event: 'started'
  readonly run: string
  /** e.g. "rollback to 20261128T090337Z-a6deed0" */
  readonly purpose: string
  readonly by: Deployer
}

export interface RunEnded {
  readonly event: 'ended'
  readonly run: string
  readonly exitCode: ExitCode
  readonly seconds: number
  readonly hosts: Readonly<Record<string, HostOutcome>>
  /** The release that is live since then, by host. */
  readonly switched: Readonly<Record<string, string>>
}

export type JournalEntry = DeployStarted | RollbackStarted | RunEnded

/**
 * The log of all deploys and rollbacks from this controller: one line of JSON for each entry, never changed afterwards.
 * It holds no secrets, but only the user can read it.
 */
export class Journal {
  readonly file: string

  /** @param folder the working directory, where playbooks and inventory are */
  constructor(folder: string) {
    this.file = kept(folder, 'deploys.jsonl')
  }

  /** Appends an entry with the current time; several processes may do so at the same time. */
  async record(entry: JournalEntry): Promise<void> {
    const line = `${JSON.stringify({ at: new Date().toISOString(), ...entry })}\n`
    await onDisk('write the journal', () => this.#append(line))
  }

  async #append(line: string): Promise<void> {
    await makeFolderOf(this.file)
    const journal = await openPrivate(this.file, 'a+')
    try {
      const text = Buffer.from((await endsInLine(journal)) ? line : `\n${line}`)
      // a single write, because the kernel appends it as a whole
      const { bytesWritten } = await journal.write(text)
      if (bytesWritten < text.length)
        throw new UserError(`${this.file}: only a part of an entry was written`, {
          hint: 'free disk space on the controller',
        })
      await journal.sync()
    } finally {
      await journal.close()
    }
  }
}

/** Returns false if a crash or a full disk has left an incomplete line at the end. */
async function endsInLine(journal: FileHandle): Promise<boolean> {
  const { size } = await journal.stat()
  if (size === 0) return true
  const { buffer } = await journal.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer.toString() === '\n'
}
