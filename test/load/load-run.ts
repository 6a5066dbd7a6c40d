import { randomBytes } from 'node:crypto'
import { EventEmitter, once, setMaxListeners } from 'node:events'
import { Agent } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'

import { arrive, comeAgain } from './crowd.ts'
import { Failure } from './failure.ts'
import { Logbook } from './logbook.ts'
import type { Report } from './protocol.ts'
import { Releases } from './releases.ts'
import { visitorKinds, type CompleteSettings, type VisitorKind } from './settings.ts'
import { visit, type Question } from './visit.ts'

interface Visitor {
  readonly question: () => Question
  /** Milliseconds between an answer and the next request. */
  readonly thinkTime: () => number
}

const upTo = (milliseconds: number) => () => Math.random() * milliseconds
const fastPage = () => ({ path: '/' })

const visitors: Readonly<Record<VisitorKind, Visitor>> = {
  page: { question: fastPage, thinkTime: () => 0 },
  arrivals: { question: fastPage, thinkTime: () => 0 },
  slow: { question: () => ({ path: '/slow' }), thinkTime: () => 0 },
  form: {
    question: () => ({ path: '/form', form: randomBytes(750).toString('base64') }),
    thinkTime: upTo(50),
  },
  file: { question: () => ({ path: '/version.txt' }), thinkTime: upTo(50) },
  idle: { question: fastPage, thinkTime: upTo(20) },
}

/** Milliseconds after which a client without a good answer tries again. */
const retryDelay = 20

/** All clients of one load, from the first request to the last answer. */
export class LoadRun {
  readonly releases = new Releases()
  readonly #settings: CompleteSettings
  readonly #logbook = new Logbook()
  readonly #start = performance.now()
  readonly #leaving = new AbortController()
  readonly #agents: Agent[] = []
  readonly #progress = new EventEmitter()
  readonly #crowd: Promise<unknown>
  #sent = 0
  #ended: Report['ended'] = 'when told'

  constructor(settings: CompleteSettings) {
    this.#settings = settings
    // one connection per client that pauses between requests
    setMaxListeners(0, this.#leaving.signal)
    this.releases.allow(settings.live)
    const deadline = setTimeout(() => {
      this.#leave('at its maximum of seconds')
    }, this.#settings.maximumSeconds * 1000)
    this.#crowd = Promise.all(visitorKinds.flatMap((kind) => this.#invite(kind))).finally(() => {
      clearTimeout(deadline)
    })
  }

  /** Throws if the load has reached its maximum: an order would have no effect any more. */
  assertGoesOn(): void {
    if (this.#leaving.signal.aborted) throw new Error(`the load has ended ${this.#ended}`)
  }

  open(window: string): void {
    this.#logbook.open(window, this.#now())
  }

  close(window: string): void {
    this.#logbook.close(window, this.#now())
  }

  /** Waits until this many more requests have ended. */
  async answers(count: number): Promise<void> {
    const wanted = this.#logbook.size + count
    while (this.#logbook.size < wanted) {
      this.assertGoesOn()
      await once(this.#progress, 'step')
    }
  }

  /** Sends no more requests, and waits for the running ones. */
  async stop(): Promise<Report> {
    this.#leave('when told')
    await this.#crowd
    this.#hangUp()
    return { ended: this.#ended, ...this.#logbook.figures(this.#now()) }
  }

  /** Sends no more requests, and abandons the running ones. */
  abandon(): void {
    this.#leave('when told')
    this.#hangUp()
  }

  #invite(kind: VisitorKind): Promise<void>[] {
    const number = this.#settings.crowd[kind]
    if (number === 0) return []
    if (kind === 'arrivals') {
      // shorter than the limit of servers, so that the client closes a connection first
      const agent = this.#agent({ timeout: 10_000 })
      return [arrive(number, (planned) => this.#ask(kind, agent, planned), this.#leaving.signal)]
    }
    return Array.from({ length: number }, () => {
      const agent = this.#agent({ maxSockets: 1 })
      return comeAgain(() => this.#ask(kind, agent), visitors[kind].thinkTime, this.#leaving.signal)
    })
  }

  #agent(options: { maxSockets?: number; timeout?: number }): Agent {
    const agent = new Agent({ keepAlive: true, ...options })
    this.#agents.push(agent)
    return agent
  }

  async #ask(kind: VisitorKind, agent: Agent, began = performance.now()): Promise<void> {
    this.#sent += 1
    if (this.#sent === this.#settings.maximumRequests) this.#leave('at its maximum of requests')
    const outcome = await this.#outcome(this.#question(kind), agent)
    this.#logbook.add({ kind, began: began - this.#start, ended: this.#now(), ...outcome })
    this.#progress.emit('step')
    if ('failure' in outcome) await wait(retryDelay)
  }

  #question(kind: VisitorKind): Question {
    const question = visitors[kind].question()
    return { ...question, path: this.#settings.pages[kind] ?? question.path }
  }

  async #outcome(question: Question, agent: Agent): Promise<{ release: string } | { failure: Failure }> {
    try {
      return { release: await visit(this.#settings, question, agent, this.releases) }
    } catch (error) {
      if (error instanceof Failure) return { failure: error }
      throw error
    }
  }

  #leave(why: Report['ended']): void {
    if (this.#leaving.signal.aborted) return
    this.#ended = why
    this.#leaving.abort()
    this.#progress.emit('step')
  }

  #hangUp(): void {
    for (const agent of this.#agents) agent.destroy()
  }

  #now(): number {
    return performance.now() - this.#start
  }
}
