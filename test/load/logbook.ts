import { figuresOf, type Figures } from './figures.ts'
import type { Sample } from './sample.ts'

interface Period {
  readonly window: string
  readonly from: number
  readonly to: number
}

export interface RecordedFigures {
  readonly total: Figures
  /** The requests that ran outside all windows. */
  readonly quiet: Figures
  /** The requests that ran in a window, at least for a moment, by the window's name. */
  readonly windows: Readonly<Record<string, Figures>>
}

/** All requests of a load, and the windows of time with separate figures. */
export class Logbook {
  readonly #samples: Sample[] = []
  readonly #periods: Period[] = []
  readonly #open = new Map<string, number>()

  add(sample: Sample): void {
    this.#samples.push(sample)
  }

  get size(): number {
    return this.#samples.length
  }

  open(window: string, at: number): void {
    if (this.#open.has(window)) throw new Error(`the window ${window} is open already`)
    this.#open.set(window, at)
  }

  /** Opens a window. It may be opened several times; its figures are those of all these times. */
  close(window: string, at: number): void {
    const from = this.#open.get(window)
    if (from === undefined) throw new Error(`the window ${window} is not open`)
    this.#open.delete(window)
    this.#periods.push({ window, from, to: at })
  }

  /** Returns the figures of a load that ended at `end`. */
  figures(end: number): RecordedFigures {
    for (const window of [...this.#open.keys()]) this.close(window, end)
    const windows = new Set(this.#periods.map(({ window }) => window))
    return {
      total: figuresOf(this.#samples, end),
      quiet: figuresOf(
        this.#samples.filter((sample) => !isDuring(sample, this.#periods)),
        end - covered(this.#periods),
      ),
      windows: Object.fromEntries([...windows].map((window) => [window, this.#figuresDuring(window)])),
    }
  }

  #figuresDuring(window: string): Figures {
    const periods = this.#periods.filter((period) => period.window === window)
    return figuresOf(
      this.#samples.filter((sample) => isDuring(sample, periods)),
      covered(periods),
    )
  }
}

function isDuring({ began, ended }: Sample, periods: readonly Period[]): boolean {
  return periods.some(({ from, to }) => began <= to && ended >= from)
}

/** Returns the milliseconds that are in at least one of the periods. */
function covered(periods: readonly Period[]): number {
  let sum = 0
  let end = 0
  for (const { from, to } of periods.toSorted((one, other) => one.from - other.from)) {
    sum += Math.max(0, to - Math.max(from, end))
    end = Math.max(end, to)
  }
  return sum
}
