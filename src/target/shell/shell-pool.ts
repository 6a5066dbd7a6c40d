import { SessionLimitError } from '../pipes.ts'
import type { Shell } from './shell.ts'

/** OpenSSH allows 10 sessions per connection, including those that are being closed. */
const shellLimit = 6

interface Seat {
  readonly shell: Promise<Shell>
  /** The number of callers that use the shell or wait for it. */
  users: number
}

/** One shell for each user, opened on demand. At the limit of the host, an idle shell is closed first. */
export class ShellPool {
  readonly #open: (user: string) => Promise<Shell>
  readonly #seats = new Map<string, Seat>()
  readonly #waiting: (() => void)[] = []
  #limit = shellLimit
  #retiring = 0

  constructor(open: (user: string) => Promise<Shell>) {
    this.#open = open
  }

  async use<Result>(user: string, action: (shell: Shell) => Promise<Result>): Promise<Result> {
    for (;;) {
      const seat = await this.#takeSeat(user)
      try {
        const shell = await this.#opened(user, seat)
        if (shell !== undefined) return await action(shell)
      } finally {
        seat.users -= 1
        this.#wake()
      }
    }
  }

  close(): void {
    for (const { shell } of this.#seats.values()) {
      shell.then(
        (open) => {
          open.close()
        },
        () => undefined,
      )
    }
  }

  async #takeSeat(user: string): Promise<Seat> {
    for (;;) {
      const seat = this.#seats.get(user) ?? this.#newSeat(user)
      if (seat !== undefined) {
        seat.users += 1
        return seat
      }
      const idle = [...this.#seats].find(([, { users }]) => users === 0)
      if (idle === undefined) await new Promise<void>((resolve) => this.#waiting.push(resolve))
      else await this.#retire(...idle)
    }
  }

  #newSeat(user: string): Seat | undefined {
    if (this.#seats.size + this.#retiring >= this.#limit) return undefined
    const seat = { shell: this.#open(user), users: 0 }
    this.#seats.set(user, seat)
    return seat
  }

  /** Returns undefined if the host allows no more shells: the caller must close an idle one and retry. */
  async #opened(user: string, seat: Seat): Promise<Shell | undefined> {
    try {
      return await seat.shell
    } catch (error) {
      if (this.#seats.get(user) === seat) this.#seats.delete(user)
      const others = this.#seats.size + this.#retiring
      if (!(error instanceof SessionLimitError) || others === 0) throw error
      this.#limit = others
      return undefined
    }
  }

  /** Closes an idle shell. The caller takes its place, so the other callers still have to wait. */
  async #retire(user: string, seat: Seat): Promise<void> {
    this.#seats.delete(user)
    this.#retiring += 1
    try {
      const shell = await seat.shell
      shell.close()
      await shell.ended
    } finally {
      this.#retiring -= 1
    }
  }

  #wake(): void {
    for (const look of this.#waiting.splice(0)) look()
  }
}
