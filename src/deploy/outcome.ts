import type { Listener, RunEvent, TaskFinished } from '../engine/event.ts'
import type { HostOutcome } from './journal.ts'

/** Derives the outcome on each host from the events of a real deploy, and passes the events on. */
export class DeployOutcome {
  readonly #passOn: Listener
  readonly #hosts = new Map<string, HostOutcome>()
  readonly #shown = new Map<string, string>()

  constructor(passOn: Listener = () => undefined) {
    this.#passOn = passOn
  }

  handle(event: RunEvent): void {
    this.#passOn(event)
    if (event.event === 'play') for (const host of event.hosts) this.#begin(host)
    if (event.event !== 'task' || !this.#hosts.has(event.host)) return
    if (event.module === 'deploy_switch' && event.status === 'changed') this.#switch(event)
    else if (event.status === 'unreachable') this.#hosts.set(event.host, 'unreachable')
    else if (event.status === 'failed' && event.ignored !== true) this.#endBefore(event.host, 'failed')
    else if (event.status === 'unknown') this.#endBefore(event.host, 'interrupted')
    else if (event.module === 'deploy_status' && this.#hosts.get(event.host) === 'untouched')
      this.#hosts.set(event.host, 'unchanged')
  }

  hosts(): Record<string, HostOutcome> {
    return Object.fromEntries(this.#hosts)
  }

  /** Returns the hosts on which the new release is live, each with the release's id. */
  switched(): ReadonlyMap<string, string> {
    return new Map([...this.#shown].filter(([host]) => this.#hosts.get(host) === 'switched'))
  }

  #begin(host: string): void {
    if (host !== 'localhost' && !this.#hosts.has(host)) this.#hosts.set(host, 'untouched')
  }

  #switch({ host, changes }: TaskFinished): void {
    this.#hosts.set(host, this.#hosts.get(host) === 'switched' ? 'rolled back' : 'switched')
    this.#shown.set(host, String(changes.find(({ field }) => field === 'current')?.after))
  }

  /** Sets the outcome, unless the host has already switched to the release. */
  #endBefore(host: string, outcome: 'failed' | 'interrupted'): void {
    const now = this.#hosts.get(host)
    if (now === 'untouched' || now === 'unchanged') this.#hosts.set(host, outcome)
  }
}
