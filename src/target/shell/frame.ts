import type { Outcome } from '../target.ts'
import { outputLimit } from './output-limit.ts'

/** Encodes the request to kill a running batch or to discard a partly sent one. */
export function encodeCancel(id: number): string {
  return `cancel ${id}\n`
}

export type Answer =
  | { readonly type: 'outcomes'; readonly id: number; readonly outcomes: readonly Outcome[] }
  | { readonly type: 'cancelled'; readonly id: number }
  /** None of the scripts ran. */
  | { readonly type: 'refused'; readonly id: number; readonly message: string }
  | { readonly type: 'fatal'; readonly message: string }

/** The maximum bytes of an answer. Several scripts may each print up to the output limit. */
const answerLimit = 4 * outputLimit

/** The maximum bytes of the line after a nonce. */
const lineLimit = 4096

/** Parses answers from the byte stream of a shell, in chunks of any size. Throws if the host exceeds the limits. */
export class AnswerReader {
  readonly #nonce: Buffer
  readonly #searched: Buffer[] = []
  #searchedBytes = 0
  #answerBytes = 0
  #rest: Buffer = noOutput
  /** The output of the script as bytes, which are outside of V8's heap; decoded with the rest of the answer. */
  #stdout: Buffer = noOutput
  #outcomes: Outcome[] = []

  constructor(nonce: string) {
    this.#nonce = Buffer.from(`${nonce} `)
  }

  push(chunk: Buffer): Answer[] {
    const answers: Answer[] = []
    this.#answerBytes += chunk.length
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    for (;;) {
      const start = this.#rest.indexOf(this.#nonce)
      const end = start < 0 ? -1 : this.#rest.indexOf('\n', start)
      if (end < 0) break
      const before = this.#takeBefore(start)
      const words = this.#rest.toString('utf8', start + this.#nonce.length, end)
      this.#rest = after(this.#rest, end + 1)
      const answer = this.#accept(before, words)
      if (answer === undefined) continue
      answers.push(answer)
      this.#answerBytes = this.#rest.length
    }
    this.#setSearchedAside()
    this.#expectWithinLimits()
    return answers
  }

  #takeBefore(start: number): Buffer {
    const before = Buffer.concat([...this.#searched.splice(0), this.#rest.subarray(0, start)])
    this.#searchedBytes = 0
    return before
  }

  #setSearchedAside(): void {
    const start = this.#rest.indexOf(this.#nonce)
    const done = start >= 0 ? start : Math.max(0, this.#rest.length - this.#nonce.length + 1)
    if (done === 0) return
    this.#searched.push(this.#rest.subarray(0, done))
    this.#searchedBytes += done
    this.#rest = after(this.#rest, done)
  }

  /** Throws if the host exceeds the limits. Its program cuts each stream one byte after the limit. */
  #expectWithinLimits(): void {
    if (this.#rest.length > this.#nonce.length + lineLimit)
      throw new Error(`the remote shell sent a line of more than ${lineLimit} bytes`)
    if (this.#searchedBytes > outputLimit + 1 || this.#answerBytes > answerLimit)
      throw new Error('the remote shell sent more output than the limit allows')
  }

  /** Returns the outcomes, and frees them before the next batch. */
  #takeOutcomes(): Outcome[] {
    const outcomes = this.#outcomes
    this.#outcomes = []
    return outcomes
  }

  #accept(before: Buffer, line: string): Answer | undefined {
    const [verb = '', ...words] = line.split(' ')
    switch (verb) {
      case 'begin':
        this.#outcomes = []
        return undefined
      case 'out':
        this.#stdout = before
        return undefined
      case 'code':
        this.#outcomes.push(outcome(words[0] ?? '', printed(this.#stdout), printed(before)))
        this.#stdout = noOutput
        return undefined
      case 'end':
        return { type: 'outcomes', id: Number(words[0]), outcomes: this.#takeOutcomes() }
      case 'cancelled':
        return { type: 'cancelled', id: Number(words[0]) }
      case 'refused':
        return { type: 'refused', id: Number(words[0]), message: words.slice(1).join(' ') }
      case 'fatal':
        return { type: 'fatal', message: words.join(' ') }
      default:
        throw new Error(`the remote shell sent an unknown frame: ${line.slice(0, 200)}`)
    }
  }
}

interface Printed {
  readonly text: string
  readonly isTooLong: boolean
}

const noOutput = Buffer.alloc(0)

/** Returns the bytes after this position. If there are none, the result does not keep the others in memory. */
function after(bytes: Buffer, position: number): Buffer {
  return position < bytes.length ? bytes.subarray(position) : noOutput
}

/** The number of characters that are kept of a stream that is too long. */
const excerpt = 4000

function printed(bytes: Buffer): Printed {
  if (bytes.length <= outputLimit) return { text: bytes.toString(), isTooLong: false }
  return { text: bytes.toString('utf8', 0, excerpt), isTooLong: true }
}

/** The exit code of a program that writes to a closed pipe. */
const brokenPipe = 141

function outcome(word: string, out: Printed, err: Printed): Outcome {
  const output = { stdout: out.text, stderr: err.text }
  if (word === 'stopped') return { code: 125, ...output, timedOut: false, stopped: true }
  if (word === 'expired') return { code: 124, ...output, timedOut: true }
  if (out.isTooLong || err.isTooLong)
    return { code: brokenPipe, ...output, timedOut: false, overflow: out.isTooLong ? 'stdout' : 'stderr' }
  return { code: Number(word), ...output, timedOut: false }
}
