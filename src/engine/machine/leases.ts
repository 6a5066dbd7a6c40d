import { ConnectionError, ExitCode, TaskFailure } from '../../errors.ts'
import type { Lease } from '../../modules/definition/module.ts'
import { joinScripts, type Script } from '../../target/sh.ts'
import type { Outcome } from '../../target/target.ts'

/** Seconds that renewing or giving back may take. */
const timeLimit = 10

/** Runs scripts on the host beside whatever runs there, also when the run was interrupted. */
export type RunBeside = (
  user: string | undefined,
  scripts: readonly Script[],
  options: { readonly timeLimit: number },
) => Promise<readonly Outcome[]>

interface Held {
  readonly lease: Lease
  readonly user: string | undefined
  renewal: NodeJS.Timeout | undefined
}

/** What a run holds on one host: renewed as long as the run lasts, given back when it ends. */
export class Leases {
  readonly #run: RunBeside
  readonly #held = new Map<string, Held>()
  #lost: TaskFailure | undefined

  constructor(run: RunBeside) {
    this.#run = run
  }

  /** To be called before the step that takes hold: whatever becomes of that step, the end of the run gives back. */
  expect(lease: Lease, user: string | undefined): void {
    this.#held.set(lease.name, { lease, user, renewal: undefined })
  }

  /** The step has taken hold: from now on the lease is renewed. */
  confirm({ name }: Lease): void {
    const held = this.#held.get(name)
    if (held === undefined) throw new Error(`nobody expects ${name}`)
    this.#renewLater(held)
  }

  /** A step gave it back. */
  forget(name: string): void {
    clearTimeout(this.#held.get(name)?.renewal)
    this.#held.delete(name)
  }

  /** Throws TaskFailure when something is held no longer: nothing may be done that relied on it. */
  demandAll(): void {
    if (this.#lost !== undefined) throw this.#lost
  }

  /**
   * Goes well on the host as long as everything is held. This process may have been stopped, or the network: only the
   * host can tell, and at the moment at which something is done there.
   */
  guard(): Script | undefined {
    const confirmed = this.#confirmed()
    return confirmed.length === 0 ? undefined : joinScripts(confirmed.map(({ lease }) => lease.renew))
  }

  /** For the steps that are taken under it. */
  environment(): Readonly<Record<string, string>> {
    return Object.assign({}, ...this.#confirmed().map(({ lease }) => lease.environment)) as Record<
      string,
      string
    >
  }

  /** The guard did not let a step begin or go on. @param said what it said */
  lose(said: string): TaskFailure {
    const names = this.#confirmed().map(({ lease }) => lease.name)
    for (const name of names) this.forget(name)
    return (this.#lost ??= lost(names.join(' and '), said))
  }

  /** Returns what is wrong where something could not be given back. */
  async giveBackAll(): Promise<string[]> {
    const problems: string[] = []
    for (const { lease, user } of [...this.#held.values()]) {
      this.forget(lease.name)
      const problem = await this.#giveBack(lease, user)
      if (problem !== undefined) problems.push(`${lease.name} could not be given back: ${problem}`)
    }
    return problems
  }

  async #giveBack({ giveBack }: Lease, user: string | undefined): Promise<string | undefined> {
    try {
      const [outcome] = await this.#run(user, [giveBack], { timeLimit })
      return outcome?.code === 0 ? undefined : whatWentWrong(outcome)
    } catch (error) {
      if (error instanceof ConnectionError) return 'the host is lost'
      throw error
    }
  }

  #confirmed(): Held[] {
    return [...this.#held.values()].filter(({ renewal }) => renewal !== undefined)
  }

  #renewLater(held: Held): void {
    held.renewal = setTimeout(() => void this.#renew(held), held.lease.interval * 1000)
  }

  async #renew(held: Held): Promise<void> {
    const { lease, user } = held
    try {
      const [outcome] = await this.#run(user, [lease.renew], { timeLimit })
      if (this.#held.get(lease.name) !== held) return
      // a host may be too busy for a sign of life; what that leads to, the next one finds out
      if (outcome?.code === 0 || outcome?.timedOut === true) {
        this.#renewLater(held)
        return
      }
      this.forget(lease.name)
      this.#lost = lost(lease.name, whatWentWrong(outcome))
    } catch (error) {
      // whoever works on the host meets it too, and says so
      if (!(error instanceof ConnectionError)) throw error
    }
  }
}

function lost(name: string, said: string): TaskFailure {
  return new TaskFailure(`${name} was lost: ${said.trim()}`, {
    exitCode: ExitCode.locked,
    hint: 'nothing more is changed on this host',
  })
}

function whatWentWrong(outcome: Outcome | undefined): string {
  const said = outcome?.stderr.trim() ?? ''
  return said === '' ? `exit code ${outcome?.code ?? 'unknown'}` : said
}
