import { EventEmitter, once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import type { RunEvent } from '../../src/engine/event.ts'
import type { Application } from './application.ts'
import { start, takenApart, type JsonRun } from './command.ts'

/** The first migration: a candidate is probed before the migration of its deploy, and its health page reads a table. */
const tables = `
- name: Create the tables
  command: php bin/migrate
  args: { chdir: '<%= deploy_release_path %>' }
  environment: '<%= deploy_migration_environment %>'
`

/** The settings with which the tests' application is deployed. */
const settings = {
  deploy_health: [{ path: '/health', contains: '"status":"ok"' }],
  // a page without an answer after a short time never answers
  deploy_probe_timeout: 2,
}

export interface StartedDeploy {
  readonly run: Promise<JsonRun>
  /** Resolves when the run connects to the hosts, or has ended. */
  readonly begun: Promise<unknown>
  /** Waits until a host has finished a task. */
  until(task: string, host: string): Promise<void>
}

/** Deploys of one application from a separate folder, which contains everything that they leave on the controller. */
export class Deploys {
  readonly #folder: string
  readonly #options: readonly string[]

  private constructor(folder: string, options: readonly string[]) {
    this.#folder = folder
    this.#options = options
  }

  /** @param options the inventory and the connection settings */
  static async create(application: Application, options: readonly string[]): Promise<Deploys> {
    const folder = await mkdtemp(join(tmpdir(), 'hostwright-deploys-'))
    await writeFile(join(folder, 'tables.yml'), tables)
    const hooks = { before_start: join(folder, 'tables.yml') }
    const own = { ...settings, app_repository: application.repository, deploy_hooks: hooks }
    return new Deploys(folder, [...options, ...variables(own)])
  }

  deploy(version: string, ...options: readonly string[]): Promise<JsonRun> {
    return this.start('deploy', '--tag', version, ...options).run
  }

  rollback(...options: readonly string[]): Promise<JsonRun> {
    return this.start('rollback', ...options).run
  }

  /** Runs a command about deploys, and records its output as it appears. */
  start(command: string, ...options: readonly string[]): StartedDeploy {
    const argv = [command, ...this.#options, ...options, '-o', 'jsonl']
    const { process, result } = start(argv, { cwd: this.#folder })
    const events = new EventEmitter()
    createInterface({ input: process.stdout! }).on('line', (line) => {
      const event = JSON.parse(line) as RunEvent
      events.emit(event.event === 'task' ? `${event.task} on ${event.host}` : event.event)
    })
    return {
      run: result.then(takenApart),
      begun: Promise.race([once(events, 'start'), result]),
      async until(task, host) {
        const ended = result.then(({ stdout }) => {
          throw new Error(`the run ended before '${task}' on ${host}:\n${stdout.slice(-2000)}`)
        })
        await Promise.race([once(events, `${task} on ${host}`), ended])
      },
    }
  }

  /** Returns the deploys in the journal of the controller. */
  async journal(): Promise<Record<string, unknown>[]> {
    const text = await readFile(join(this.#folder, '.hostwright', 'deploys.jsonl'), 'utf8')
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true })
  }
}

/** Returns command-line options that set these variables. */
export function variables(values: Readonly<Record<string, unknown>>): string[] {
  return ['-e', JSON.stringify(values)]
}
