import type { Outcome } from './target.ts'

/** Asks to end what runs of a batch, or to forget what has arrived of it. */
export function encodeCancel(id: number): string {
  return `cancel ${id}\n`
}

export type Answer =
  | { readonly type: 'outcomes'; readonly id: number; readonly outcomes: readonly Outcome[] }
  | { readonly type: 'cancelled'; readonly id: number }
  /** Nothing of it was run. */
  | { readonly type: 'refused'; readonly id: number; readonly message: string }
  | { readonly type: 'fatal'; readonly message: string }

/** Takes the answers out of the bytes that a shell writes, however these were cut on the way. */
export class AnswerReader {
  readonly #nonce: Buffer
  readonly #searched: Buffer[] = []
  #rest: Buffer = Buffer.alloc(0)
  #stdout = ''
  #outcomes: Outcome[] = []

  constructor(nonce: string) {
    this.#nonce = Buffer.from(`${nonce} `)
  }

  push(chunk: Buffer): Answer[] {
    const answers: Answer[] = []
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    for (;;) {
      const start = this.#rest.indexOf(this.#nonce)
      const end = start < 0 ? -1 : this.#rest.indexOf('\n', start)
      if (end < 0) break
      const before = Buffer.concat([...this.#searched.splice(0), this.#rest.subarray(0, start)])
      const words = this.#rest.toString('utf8', start + this.#nonce.length, end)
      this.#rest = this.#rest.subarray(end + 1)
      const answer = this.#accept(before, words)
      if (answer !== undefined) answers.push(answer)
    }
    this.#setSearchedAside()
    return answers
  }

  #setSearchedAside(): void {
    const start = this.#rest.indexOf(this.#nonce)
    const done = start >= 0 ? start : Math.max(0, this.#rest.length - this.#nonce.length + 1)
    if (done === 0) return
    this.#searched.push(this.#rest.subarray(0, done))
    this.#rest = this.#rest.subarray(done)
  }

  #accept(before: Buffer, line: string): Answer | undefined {
    const [verb = '', ...words] = line.split(' ')
    switch (verb) {
      case 'begin':
        this.#outcomes = []
        return undefined
      case 'out':
        this.#stdout = before.toString()
        return undefined
      case 'code':
        this.#outcomes.push(outcome(words[0] ?? '', this.#stdout, before.toString()))
        return undefined
      case 'end':
        return { type: 'outcomes', id: Number(words[0]), outcomes: this.#outcomes }
      case 'cancelled':
        return { type: 'cancelled', id: Number(words[0]) }
      case 'refused':
        return { type: 'refused', id: Number(words[0]), message: words.slice(1).join(' ') }
      case 'fatal':
        return { type: 'fatal', message: words.join(' ') }
      default:
        throw new Error(`the remote shell answered with an unknown frame: ${line}`)
    }
  }
}

function outcome(code: string, stdout: string, stderr: string): Outcome {
  if (code === 'stopped') return { code: 125, stdout, stderr, timedOut: false, stopped: true }
  const timedOut = code === 'expired'
  return { code: timedOut ? 124 : Number(code), stdout, stderr, timedOut }
}
