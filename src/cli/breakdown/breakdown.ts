import { UserError } from '../../errors.ts'

/** The seconds in which running work must clean up after an uncaught error, which may have left it without an end. */
const cleanUpLimit = 30

/**
 * An error outside of any call that ends the command: output that cannot be written, or an uncaught error.
 * Work that can stop cleanly is registered, and cleans up first.
 */
export class Breakdown {
  readonly #controller = new AbortController()
  readonly #cleaning = new Set<Promise<unknown>>()

  /** Aborted by the first error, which is the reason. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Records an error. Only the first one counts, because the others may follow from it. */
  report(error: unknown): void {
    this.#controller.abort(error)
  }

  /** Registers work that stops and cleans up when the signal is aborted. */
  waitFor(work: Promise<unknown>): void {
    const settled = work
      .catch(() => undefined)
      .finally(() => {
        this.#cleaning.delete(settled)
      })
    this.#cleaning.add(settled)
  }

  /** Resolves after a breakdown, when the registered work has cleaned up or its time is over. */
  async over(): Promise<void> {
    if (!this.signal.aborted)
      await new Promise((resolve) => {
        this.signal.addEventListener('abort', resolve, { once: true })
      })
    const cleanedUp = Promise.all(this.#cleaning)
    await (this.signal.reason instanceof UserError ? cleanedUp : withinLimit(cleanedUp))
  }
}

async function withinLimit(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise((resolve) => {
    timer = setTimeout(resolve, cleanUpLimit * 1000)
  })
  await Promise.race([work, limit])
  clearTimeout(timer)
}
