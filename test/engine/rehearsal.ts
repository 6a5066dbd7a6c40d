import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import type { RunEvent, TaskFinished } from '../../src/engine/event.ts'
import { runPlaybook } from '../../src/engine/run.ts'
import type { RunSummary } from '../../src/engine/run-summary.ts'
import type { AnyAction, AnyModule } from '../../src/modules/definition/module.ts'
import { loadPlaybook } from '../../src/playbook/load-playbook.ts'
import type { Reach } from '../../src/playbook/playbook.ts'
import { openTarget } from '../../src/target/open-target.ts'
import type { Batch, Target } from '../../src/target/target.ts'
import { magicVariables } from '../../src/variables/magic.ts'
import { Scope } from '../../src/variables/scope.ts'
import { Secrets } from '../../src/variables/secrets/secrets.ts'

export interface RehearsalOptions {
  readonly hosts?: readonly string[]
  readonly check?: boolean
  readonly lookAhead?: boolean
  readonly forceHandlers?: boolean
  readonly showCommands?: boolean
  readonly vars?: Readonly<Record<string, unknown>>
  readonly signal?: AbortSignal
  readonly secrets?: readonly string[]
  /** Wraps the connection to this machine. */
  readonly through?: (target: Target) => Target
  /** Replaces this machine by other targets. */
  readonly target?: (host: string) => Target
  /** Replaces the modules of Hostwright. */
  readonly modules?: ReadonlyMap<string, AnyModule | AnyAction>
}

export interface Rehearsed extends RunSummary {
  readonly events: readonly RunEvent[]
  readonly tasks: readonly TaskFinished[]
  readonly batches: readonly Batch[]
  /** All connections, in order. */
  readonly reached: readonly (Reach & { readonly host: string })[]
}

/** A temporary folder with a playbook whose hosts are all this machine, through the real session. */
export class Rehearsal {
  /** The path has a quote and a space in it. */
  readonly folder = mkdtempSync(join(tmpdir(), "it's a test "))

  write(name: string, text: string): string {
    const file = join(this.folder, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    return file
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  async run(playbook: string, options: RehearsalOptions = {}): Promise<Rehearsed> {
    // Handlers recorded on this machine must not outlive the test.
    process.env.XDG_STATE_HOME = join(this.folder, '.state')
    const { modules } = options
    const file = this.write('play.yml', playbook)
    const loaded = loadPlaybook(file, modules === undefined ? {} : { modules })
    const hosts = options.hosts ?? ['here']
    const secrets = new Secrets()
    options.secrets?.forEach((secret) => {
      secrets.add(secret)
    })
    const events: RunEvent[] = []
    const batches: Batch[] = []
    const reached: Rehearsed['reached'][number][] = []
    const vars = new Map(Object.entries({ folder: this.folder, ...options.vars }))
    const summary = await runPlaybook({
      playbook: loaded,
      hosts: new Map(loaded.plays.map((play) => [play, hosts])),
      variablesOf: (host) => ({
        inventory: { inventoryHosts: [{ origin: 'inventory', values: vars, literal: true }] },
        extra: [],
        magic: ({ role, scopeOf, playHosts, playHostsAll, playBatch }) =>
          magicVariables({
            host,
            groupNames: [],
            groups: { all: hosts },
            hosts: new Set(hosts),
            scopeOf: (other) => scopeOf(other) ?? new Scope([]),
            checkMode: options.check ?? false,
            diffMode: false,
            ...{ playHosts, playHostsAll, playBatch },
            playbookDir: this.folder,
            ...(role === undefined ? {} : { role }),
          }),
        options: { secrets },
      }),
      connect: async (host, _variables, reach) => {
        reached.push({ host, ...reach })
        const target = options.target?.(host) ?? (await openTarget({ name: host, connection: 'local' }))
        return watched(options.through?.(target) ?? target, batches)
      },
      check: options.check ?? false,
      forks: 10,
      lookAhead: options.lookAhead ?? true,
      showCommands: options.showCommands ?? false,
      forceHandlers: options.forceHandlers ?? false,
      secrets,
      signal: options.signal ?? new AbortController().signal,
      listener: (event) => events.push(event),
    })
    return { ...summary, events, batches, reached, tasks: events.filter((event) => event.event === 'task') }
  }
}

/** Returns "name: status" of each finished task, in order. */
export function outcomes(run: Rehearsed): string[] {
  return run.tasks.map(({ task, status }) => `${task}: ${status}`)
}

function watched(target: Target, batches: Batch[]): Target {
  return {
    name: target.name,
    run: (batch, signal) => {
      batches.push(batch)
      return target.run(batch, signal)
    },
    close: () => target.close(),
  }
}
