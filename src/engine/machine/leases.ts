import { ConnectionError, ExitCode, TaskFailure, UserError } from '../../errors.ts'
import type { Lease } from '../../modules/definition/module.ts'
import { joinScripts, type Script } from '../../target/sh.ts'
import type { Outcome } from '../../target/target.ts'

/** The time limit for renewing or releasing a lease, in seconds. */
const timeLimit = 10

/** Runs scripts on the host alongside other scripts, even after the run was interrupted. */
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

/** The leases of a run on one host: renewed during the run, released when it ends. */
export class Leases {
  readonly #run: RunBeside
  readonly #held = new Map<string, Held>()
  #lost: TaskFailure | undefined

  constructor(run: RunBeside) {
    this.#run = run
  }

  /** Must be called before the step that acquires the lease, so that it is released even if the step is interrupted. */
  expect(lease: Lease, user: string | undefined): void {
    this.#held.set(lease.name, { lease, user, renewal: undefined })
  }

  /** Starts to renew the lease after the step has acquired it. */
  confirm({ name }: Lease): void {
    const held = this.#held.get(name)
    if (held === undefined) throw new Error(`lease ${name} was not expected`)
    this.#renewLater(held)
  }

  /** Stops renewing a lease that a step has released. */
  forget(name: string): void {
    clearTimeout(this.#held.get(name)?.renewal)
    this.#held.delete(name)
  }

  /** Throws TaskFailure if a lease was lost, because later steps rely on it. */
  demandAll(): void {
    if (this.#lost !== undefined) throw this.#lost
  }

  /**
   * Returns a script that fails unless all leases are still held. Only the host can check that at the time of a step,
   * because this process or the network may have been suspended in between.
   */
  guard(): Script | undefined {
    const confirmed = this.#confirmed()
    return confirmed.length === 0 ? undefined : joinScripts(confirmed.map(({ lease }) => lease.renew))
  }

  /** Returns the environment variables for steps that run under the leases. */
  environment(): Readonly<Record<string, string>> {
    return Object.assign({}, ...this.#confirmed().map(({ lease }) => lease.environment)) as Record<
      string,
      string
    >
  }

  /** Records that the guard stopped a step. @param said the output of the guard */
  lose(said: string): TaskFailure {
    const names = this.#confirmed().map(({ lease }) => lease.name)
    for (const name of names) this.forget(name)
    return (this.#lost ??= lost(names.join(' and '), said))
  }

  /** Releases all leases. Returns a message for each lease that could not be released. */
  async releaseAll(): Promise<string[]> {
    const problems: string[] = []
    for (const { lease, user } of [...this.#held.values()]) {
      this.forget(lease.name)
      const problem = await this.#release(lease, user)
      if (problem !== undefined) problems.push(`could not release ${lease.name}: ${problem}`)
    }
    return problems
  }

  async #release({ release }: Lease, user: string | undefined): Promise<string | undefined> {
    try {
      const [outcome] = await this.#run(user, [release], { timeLimit })
      return outcome?.code === 0 ? undefined : describeFailure(outcome)
    } catch (error) {
      if (error instanceof ConnectionError) return 'the host is unreachable'
      if (error instanceof UserError) return error.message
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
      // A busy host may not renew in time. The next renewal reports a lost lease.
      if (outcome?.code === 0 || outcome?.timedOut === true) {
        this.#renewLater(held)
        return
      }
      this.forget(lease.name)
      this.#lost = lost(lease.name, describeFailure(outcome))
    } catch (error) {
      // The task that uses the connection reports the error.
      if (error instanceof ConnectionError) return
      if (!(error instanceof UserError)) throw error
      // A host without free memory or disk space cannot run the script. A later renewal may succeed, or reports the loss.
      if (this.#held.get(lease.name) === held) this.#renewLater(held)
    }
  }
}

function lost(name: string, said: string): TaskFailure {
  return new TaskFailure(`${name} was lost: ${said.trim()}`, {
    exitCode: ExitCode.locked,
    hint: 'run again; this run changes nothing more on this host',
  })
}

function describeFailure(outcome: Outcome | undefined): string {
  const said = outcome?.stderr.trim() ?? ''
  return said === '' ? `exit code ${outcome?.code ?? 'unknown'}` : said
}
