import { Failure } from './failure.ts'
import type { LiveRelease } from './settings.ts'

/** The position of a client, or of one of its connections, in the order of the releases. */
export interface Place {
  step: number
}

/** The releases that clients may see, in order: A, B, A if B is rolled back. No connection may go backwards. */
export class Releases {
  readonly #expected: LiveRelease[] = []
  #floor = 0

  /** Allows this release after the previous ones. */
  allow(next: LiveRelease): void {
    if (next.release === '') throw new Error('a release has an id')
    this.#expected.push(next)
  }

  /** Requires new requests to get the release that was allowed last. */
  settle(): void {
    this.#floor = this.#expected.length - 1
  }

  /** The first release that a request may get if it starts now. */
  get floor(): number {
    return this.#floor
  }

  /** Moves the connection to the release that answered, and returns the version that its pages show. */
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
