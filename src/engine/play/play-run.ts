import { now } from '../../clock.ts'
import type { Block, Include, MetaAction, Node, Play, Task } from '../../playbook/playbook.ts'
import type { HostRun } from '../host/host-run.ts'
import { forgetShared } from '../task/render-task.ts'
import { taskStart } from '../task/task-event.ts'
import { allOf, HostLimiter } from './concurrency.ts'
import { HandlerFlush } from './handler-flush.ts'
import type { Handlers } from './handlers.ts'
import { inclusionsOf, type Inclusion } from './include-run.ts'
import { appliesTo } from './meta.ts'
import { RecordedTasks } from './recorded-tasks.ts'
import type { RunSettings } from './run-settings.ts'
import { upcomingOf, upcomingThrough, type Upcoming } from './upcoming.ts'

/** The scope of an early end: `end_play` ends the play with all its batches, a fatal failure ends the run. */
export type Ending = 'play' | 'run'

/** A play on a batch of hosts. With `strategy: linear`, all hosts finish a task before the next one starts. */
export class PlayRun {
  readonly #play: Play
  readonly #settings: RunSettings
  readonly #handlers: Handlers
  readonly #tasks: RecordedTasks
  readonly #limiter: HostLimiter
  readonly #flush: HandlerFlush
  #ending: Ending | undefined
  /** The number of blocks with a rescue around the current task. */
  #rescuers = 0

  constructor(play: Play, settings: RunSettings, handlers: Handlers) {
    this.#play = play
    this.#settings = settings
    this.#handlers = handlers
    this.#tasks = new RecordedTasks(play, settings, handlers)
    this.#limiter = new HostLimiter(settings.limit)
    this.#flush = new HandlerFlush(play, settings, handlers, this.#tasks, this.#limiter)
  }

  /** The scope of an end that concerns more than this batch. */
  get ending(): Ending | undefined {
    return this.#ending
  }

  async run(hosts: readonly HostRun[]): Promise<void> {
    if (this.#play.strategy === 'free') {
      await allOf(hosts.map((host) => this.#runSections([host])))
    } else {
      await this.#runSections(hosts)
    }
  }

  async #runSections(hosts: readonly HostRun[]): Promise<void> {
    const { sections } = this.#play
    for (const [index, section] of sections.entries()) {
      if (section.length === 0) continue
      const then = upcomingThrough(sections.slice(index + 1))
      await this.#runNodes(section, hosts, then)
      await this.#flush.run(hosts, then)
    }
  }

  async #runNodes(
    nodes: readonly Node[],
    hosts: readonly HostRun[],
    then: Upcoming | undefined,
  ): Promise<void> {
    for (const [index, node] of nodes.entries()) {
      const active = hosts.filter((host) => host.status === 'active')
      if (active.length === 0 || this.#ending !== undefined) return
      this.#settings.signal.throwIfAborted()
      const upcoming = upcomingOf(nodes.slice(index + 1), then)
      switch (node.type) {
        case 'task':
          await (node.module.type === 'meta'
            ? this.#runMeta(node, node.module.action, hosts, upcoming)
            : this.#runTask(node, active, upcoming))
          break
        case 'block':
          await this.#runBlock(node, active, upcoming)
          break
        case 'include':
          await this.#runInclude(node, active, upcoming)
          break
      }
      this.#stopWhenTooManyFailed(hosts)
    }
  }

  async #runTask(task: Task, hosts: readonly HostRun[], upcoming: Upcoming): Promise<void> {
    this.#settings.emit(taskStart(this.#play, task, hosts, false))
    if (task.runOnce) {
      await this.#runOnce(task, hosts, upcoming)
    } else {
      await this.#limiter.onEach(hosts, (host) => this.#tasks.run(task, host, upcoming), task)
    }
    if (this.#play.strategy === 'linear') forgetShared(task)
  }

  /** Runs the task on the first host that does not skip it, and gives the result to all hosts. */
  async #runOnce(task: Task, hosts: readonly HostRun[], upcoming: Upcoming): Promise<void> {
    for (const host of hosts) {
      const result = await this.#tasks.run(task, host, upcoming)
      if (result === undefined || result.status === 'skipped') continue
      const others = hosts.filter((other) => other !== host)
      for (const other of others) this.#tasks.share(task, result, host, other)
      return
    }
  }

  async #runBlock(block: Block, hosts: readonly HostRun[], upcoming: Upcoming): Promise<void> {
    const afterwards = upcomingOf(block.always, upcoming)
    const rescuers = block.rescue.length > 0 ? 1 : 0
    this.#rescuers += rescuers
    await this.#runNodes(block.block, hosts, afterwards)
    this.#rescuers -= rescuers
    const failed = hosts.filter((host) => host.status === 'failed')
    if (block.rescue.length > 0) {
      for (const host of failed) host.rescue()
      await this.#runNodes(block.rescue, failed, afterwards)
    }
    if (block.always.length > 0) await this.#runAlways(block, hosts, upcoming)
  }

  /** Runs `always` also on the hosts that failed in the block. They are failed again afterwards. */
  async #runAlways(block: Block, hosts: readonly HostRun[], upcoming: Upcoming): Promise<void> {
    const failed = hosts.filter((host) => host.status === 'failed')
    for (const host of failed) host.status = 'active'
    await this.#runNodes(
      block.always,
      hosts.filter((host) => host.status === 'active'),
      upcoming,
    )
    for (const host of failed) if (host.status === 'active') host.status = 'failed'
  }

  /** Runs the include on all hosts together that load the same file or role. */
  async #runInclude(include: Include, hosts: readonly HostRun[], upcoming: Upcoming): Promise<void> {
    const groups = new Map<string, Inclusion & { hosts: HostRun[] }>()
    for (const host of hosts) {
      for (const inclusion of await this.#inclusionsOn(host, include, upcoming)) {
        const key = JSON.stringify([inclusion.name, [...(inclusion.layer?.values ?? [])]])
        const group = groups.get(key) ?? { ...inclusion, hosts: [] }
        group.hosts.push(host)
        groups.set(key, group)
      }
    }
    for (const { name, layer, hosts: together } of groups.values()) {
      const nodes = include.load(name)
      this.#handlers.add(include.handlersOf(name))
      const leave = together.map((host) => host.variables.enter(layer))
      await this.#runNodes(nodes, together, upcoming)
      for (const end of leave) end()
    }
  }

  async #inclusionsOn(host: HostRun, include: Include, upcoming: Upcoming): Promise<Inclusion[]> {
    const started = now()
    const named = { ...include, module: { name: `include_${include.kind}` } }
    try {
      const inclusions = await inclusionsOf(host, include, () => this.#tasks.ahead(host, undefined, upcoming))
      for (const { name } of inclusions) include.load(name)
      return inclusions
    } catch (error) {
      this.#tasks.recordError(named, host, error, started)
      return []
    }
  }

  async #runMeta(
    task: Task,
    action: MetaAction,
    hosts: readonly HostRun[],
    upcoming: Upcoming,
  ): Promise<void> {
    const isFor = (host: HostRun): boolean =>
      action === 'clear_host_errors'
        ? host.status === 'failed' || host.status === 'unreachable'
        : host.status === 'active'
    const selected = await this.#hostsOfMeta(task, hosts.filter(isFor), upcoming)
    switch (action) {
      case 'flush_handlers':
        await this.#flush.run(selected, upcoming)
        break
      case 'end_play':
        if (selected.length > 0) this.#ending = 'play'
        break
      case 'end_host':
        for (const host of selected) host.status = 'ended'
        break
      case 'clear_facts':
        for (const host of selected) host.forgetFacts()
        break
      case 'clear_host_errors':
        await Promise.all(selected.map((host) => host.rejoin()))
        break
      case 'reset_connection':
        await Promise.all(selected.map((host) => host.machine.reconnect()))
        break
      case 'noop':
        break
    }
  }

  /** Returns the hosts on which the conditions of a meta task are true. */
  async #hostsOfMeta(task: Task, hosts: readonly HostRun[], upcoming: Upcoming): Promise<HostRun[]> {
    const selected: HostRun[] = []
    for (const host of hosts) {
      const started = now()
      try {
        if (await appliesTo(task, host, () => this.#tasks.ahead(host, task, upcoming))) selected.push(host)
      } catch (error) {
        this.#tasks.recordError(task, host, error, started)
      }
    }
    return selected
  }

  #stopWhenTooManyFailed(hosts: readonly HostRun[]): void {
    const { anyErrorsFatal, maxFailPercentage } = this.#play
    // A rescue does not help an unreachable host.
    if (anyErrorsFatal && hosts.some((host) => host.status === 'unreachable')) this.#ending = 'run'
    if (this.#rescuers > 0) return
    const failed = hosts.filter((host) => host.status === 'failed').length
    const tooMany = maxFailPercentage !== undefined && (failed / hosts.length) * 100 > maxFailPercentage
    if (tooMany || (anyErrorsFatal && failed > 0)) this.#ending = 'run'
  }
}
