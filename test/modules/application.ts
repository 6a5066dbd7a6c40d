import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { deployment } from '../../src/state/deployment.ts'
import type { Deployment } from '../../src/state/deployment/value.ts'
import { readState, type Shell } from './harness.ts'

/** The parts of a release that a deploy leaves. */
export interface MadeRelease {
  /** The state in the notes; a release without one is foreign. */
  readonly state?: string
  readonly information?: object | string
  readonly socket?: string
}

/** The directory of an application on this machine, and a run that holds its lock. */
export class Application {
  readonly root: string
  readonly run: string

  constructor(root: string, run = 'run-1') {
    this.root = root
    this.run = run
    mkdirSync(join(root, 'deploy'), { recursive: true })
    this.lock(run)
  }

  /** Returns the parameters of all modules that change a deployment. */
  get given(): { root: string; run: string } {
    return { root: this.root, run: this.run }
  }

  at(...parts: readonly string[]): string {
    return join(this.root, ...parts)
  }

  lock(run: string): void {
    writeFileSync(this.at('deploy', 'lock'), JSON.stringify({ since: 'then', run, by: 'ann', purpose: 'x' }))
  }

  unlock(): void {
    rmSync(this.at('deploy', 'lock'))
  }

  release(id: string, { state, information = {}, socket }: MadeRelease = {}): this {
    mkdirSync(this.at('releases', id), { recursive: true })
    const text = typeof information === 'string' ? information : JSON.stringify(information)
    writeFileSync(this.at('releases', id, 'release.json'), text)
    if (socket !== undefined) symlinkSync(socket, this.at('releases', id, 'fpm.sock'))
    if (state !== undefined) this.#note('states', id, `${state} 2026-01-01T00:00:00Z\n`)
    return this
  }

  slot(name: string, id: string): this {
    this.#note('slots', name, `${id}\n`)
    return this
  }

  current(target: string): this {
    rmSync(this.at('current'), { force: true })
    symlinkSync(target, this.at('current'))
    return this
  }

  releases(): string[] {
    return existsSync(this.at('releases')) ? readdirSync(this.at('releases')).sort() : []
  }

  journal(): Record<string, unknown>[] {
    return journalOf(this.root)
  }

  read(shell?: Shell): Deployment {
    return readState({ deployment: deployment.key({ root: this.root }) }, shell).deployment
  }

  #note(folder: string, name: string, text: string): void {
    mkdirSync(this.at('deploy', folder), { recursive: true })
    writeFileSync(this.at('deploy', folder, name), text)
  }
}

/** Returns the lines of the journal of an application, which must be JSON and have a time. */
export function journalOf(root: string): Record<string, unknown>[] {
  const file = join(root, 'deploy', 'journal.jsonl')
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n')
  expect(lines.pop()).to.equal('')
  return lines.map((line) => {
    const { time, ...rest } = JSON.parse(line) as Record<string, unknown>
    expect(time).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    return rest
  })
}

/** Creates an empty directory for each test of the surrounding `describe`. */
export function scratchFolder(): { readonly path: string } {
  const folder = { path: '' }
  beforeEach(() => {
    folder.path = mkdtempSync(join(tmpdir(), "hostwright's $(deploy) "))
  })
  afterEach(() => {
    rmSync(folder.path, { recursive: true, force: true })
  })
  return folder
}
