import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { RunEvent, TaskFinished } from '../../src/engine/event.ts'
import type { Machine } from '../../src/sandbox/index.ts'
import type { OpenTarget } from '../../src/target/open-target.ts'
import type { Script } from '../../src/target/sh.ts'
import type { LiveRelease } from '../load/settings.ts'
import { Application, type ReleaseOptions } from './application.ts'
import { hostwright, start, type CommandResult, type StartedCommand } from './command.ts'
import { rootOn, runOn } from './converge-on.ts'
import { siteArguments } from './converged-site.ts'
import { look, type Sight } from './sight.ts'

export type Variables = Readonly<Record<string, unknown>>

/** The settings with which the tests deploy their application. */
const settings: Variables = {
  deploy_migration: 'bin/migrate',
  deploy_health: [{ path: '/health', contains: '"database":"ok"' }, { path: '/' }],
  deploy_probe_times: 1,
  deploy_probe_timeout: 2,
}

/** The health check of the first deploy, when the database has no tables yet. */
const beforeTables: Variables = { deploy_health: [{ path: '/version.txt' }] }

export interface DeployRun extends CommandResult {
  readonly events: readonly RunEvent[]
  readonly tasks: readonly TaskFinished[]
}

/** Deploys of an application to a converged machine, and a session that observes the machine. */
export class DeployedSite {
  readonly application: Application
  readonly machine: Machine
  /** The folder in which the command runs and keeps its records. */
  readonly folder: string
  readonly #witness: OpenTarget
  readonly #commits = new Map<string, string>()

  private constructor(machine: Machine, application: Application, folder: string, witness: OpenTarget) {
    this.machine = machine
    this.application = application
    this.folder = folder
    this.#witness = witness
  }

  /** Opens a site with v1 live and v2 ready to deploy. */
  static async open(machine: Machine): Promise<DeployedSite> {
    const folder = await mkdtemp(join(tmpdir(), 'hostwright-deploys-'))
    const site = new DeployedSite(machine, await Application.create(), folder, await rootOn(machine))
    await site.release('v1')
    await site.release('v2', { migration: 'adds a column' })
    const first = await site.deploy('v1', beforeTables)
    if (first.code !== 0) throw new Error(`the first deploy failed:\n${first.stdout}\n${first.stderr}`)
    return site
  }

  async close(): Promise<void> {
    await this.#witness.close()
    await this.application.remove()
    await rm(this.folder, { recursive: true, force: true })
  }

  async release(version: string, options: ReleaseOptions = {}): Promise<void> {
    this.#commits.set(version, await this.application.release(version, options))
  }

  /** Returns the release of a version, whenever it was deployed. */
  liveRelease(version: string): LiveRelease {
    return { release: `-${this.#commits.get(version)!.slice(0, 7)}`, version }
  }

  deploy(version: string, variables?: Variables): Promise<DeployRun> {
    return this.run(['deploy', '--tag', version], variables)
  }

  async run(command: readonly string[], variables: Variables = {}): Promise<DeployRun> {
    const argv = this.#argv([...command, '-o', 'jsonl'], variables)
    return taken(await hostwright(argv, { cwd: this.folder }))
  }

  /** Runs a command with text output. */
  read(command: readonly string[], variables: Variables = {}): Promise<CommandResult> {
    return hostwright(this.#argv(command, variables), { cwd: this.folder })
  }

  /** @param listener receives each event of the run */
  start(
    command: readonly string[],
    listener: (event: RunEvent, started: StartedCommand) => void = () => undefined,
    variables: Variables = {},
  ): { readonly started: StartedCommand; readonly run: Promise<DeployRun> } {
    const started = start(this.#argv([...command, '-o', 'jsonl'], variables), { cwd: this.folder })
    let rest = ''
    started.process.stdout!.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) listener(JSON.parse(line) as RunEvent, started)
    })
    return { started, run: started.result.then(taken) }
  }

  /** Returns the visible state of the releases on the host. */
  look(): Promise<Sight> {
    return look((script) => this.root(script))
  }

  /** Returns the output of a script of root; throws if it fails. */
  async root(script: Script): Promise<string> {
    const { code, stdout, stderr } = await runOn(this.#witness, script)
    if (code !== 0)
      throw new Error(`a script on ${this.machine.name} ended with ${code}: ${stderr}\n${stdout}`)
    return stdout
  }

  #argv(command: readonly string[], variables: Variables): string[] {
    const [name = ''] = command
    const repository = name === 'deploy' ? ['--repo', this.application.repository] : []
    const given = JSON.stringify({ ...settings, ...variables })
    return [...command, ...repository, ...siteArguments(this.machine), '-e', given]
  }
}

/** Parses the events of a run, without the incomplete last line of a killed controller. */
function taken(result: CommandResult): DeployRun {
  const lines = result.stdout.split('\n').slice(0, -1)
  const events = lines.map((line) => JSON.parse(line) as RunEvent)
  return { ...result, events, tasks: events.filter((event) => event.event === 'task') }
}
