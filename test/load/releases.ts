import { Failure } from './failure.ts'
import type { LiveRelease } from './settings.ts'

/** Where a client, or one of its connections, is in the order of the releases. */
export interface Place {
  step: number
}

/** The releases that clients may see, in this order: A, B, A when B is taken back. No connection may go backwards. */
export class Releases {
  readonly #expected: LiveRelease[] = []
  #floor = 0

  /** From now on this one may follow the ones before. */
  allow(next: LiveRelease): void {
    if (next.release === '') throw new Error('a release has an id')
    this.#expected.push(next)
  }

  /** Whoever asks from now on must get the last one allowed. */
  settle(): void {
    this.#floor = this.#expected.length - 1
  }

  /** The first release that a request may get which begins now. */
  get floor(): number {
    return this.#floor
  }

  /** Moves the connection on to the release that answered, and gives the version that its pages show. */
  advance(connection: Place, floor: number, release: string): string {
    const steps = this.#expected.flatMap((expected, step) =>
      release.endsWith(expected.release) ? [step] : [],
    )
    const last = steps.at(-1)
    if (last === undefined) throw new Failure('foreign release', `from release ${release}`)
    if (last < floor) throw new Failure('foreign release', `still from release ${release}`)
    const next = steps.find((step) => step >= Math.max(connection.step, floor))
    const came = this.#expected[connection.step]?.release ?? ''
    connection.step = next ?? last
    if (next === undefined) throw new Failure('flip-flop', `from release ${release} after ${came}`)
    return this.#expected[next]?.version ?? ''
  }
}
