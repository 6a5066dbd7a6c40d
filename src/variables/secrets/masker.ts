import { decoded } from './decoded-text.ts'
import { joinedDigits, separatesDigits } from './hexadecimal-dump.ts'
import { PatternIndex } from './pattern-index.ts'
import { secretForms, type Form } from './secret-forms.ts'
import type { TextView } from './text-view.ts'
import { breaksDigits, unbroken } from './unbroken-text.ts'
import { withoutNulls } from './wide-text.ts'

/** Characters that an encoding changes, and the characters by which encoded text is recognized. */
const encodings: readonly (readonly [part: RegExp, encoding: string])[] = [
  [/['"]/, `'"`],
  [/[ +]/, '+'],
  [/[\r\n]/, '\\r'],
]

const longestKnown = 200
const mostKnown = 5000

/** The part of a text to replace. */
type Stretch = readonly [start: number, end: number]

/** Replaces secrets in time linear in the length of the text. */
export class Masker {
  readonly #mark: string
  readonly #written = new PatternIndex()
  readonly #decoded = new PatternIndex()
  readonly #unbroken = new PatternIndex()
  readonly #joined = new PatternIndex()
  /** Forms that are too short for an index. */
  readonly #words = new Set<string>()
  /** Matches a text that may contain an encoded secret. */
  #isEncoded = /[\\%&]/
  readonly #encodings = new Set(['\\\\', '%', '&'])
  /** A cache for short texts, because names and messages repeat. */
  readonly #known = new Map<string, string>()

  constructor(mark: string) {
    this.#mark = mark
  }

  add(value: string): void {
    this.#known.clear()
    for (const [part, encoding] of encodings) if (part.test(value)) this.#encodings.add(encoding)
    this.#isEncoded = new RegExp(`[${[...this.#encodings].join('')}]`)
    const { written, decoded, digits } = secretForms(value)
    for (const form of written) this.#addWritten(form)
    for (const { text, wholeWord } of decoded) this.#decoded.add(text, { wholeWord })
    for (const { text, wholeWord } of digits)
      for (const index of [this.#written, this.#decoded, this.#unbroken]) index.add(text, { wholeWord })
    for (const { text, wholeWord } of digits) if (!wholeWord) this.#joined.add(text)
  }

  #addWritten({ text, wholeWord }: Form): void {
    if (text.length < 4) this.#words.add(text)
    else this.#written.add(text, { wholeWord })
  }

  mask(text: string): string {
    if (text.length > longestKnown) return this.#replace(text)
    const known = this.#known.get(text)
    if (known !== undefined) return known
    const masked = this.#replace(text)
    if (this.#known.size === mostKnown) this.#known.clear()
    this.#known.set(text, masked)
    return masked
  }

  #replace(text: string): string {
    const stretches = this.#find(text)
    if (stretches.length === 0) return text
    const parts: string[] = []
    let end = 0
    for (const [from, to] of joined(stretches)) {
      parts.push(text.slice(end, from), this.#mark)
      end = to
    }
    return parts.join('') + text.slice(end)
  }

  #find(text: string): Stretch[] {
    const stretches: Stretch[] = []
    for (const word of this.#words) findWord(text, word, stretches)
    const written: TextView = { written: text, symbols: text }
    search(this.#written, written, stretches)
    const plain = this.#isEncoded.test(text) ? decoded(text) : written
    if (plain !== written) search(this.#decoded, plain, stretches)
    if (breaksDigits(plain)) search(this.#unbroken, unbroken(plain), stretches)
    for (const view of new Set([written, plain]))
      if (separatesDigits(view)) search(this.#joined, joinedDigits(view), stretches)
    if (text.includes('\0')) search(this.#written, withoutNulls(written), stretches)
    if (plain.symbols.includes('\0')) search(this.#decoded, withoutNulls(plain), stretches)
    return stretches
  }
}

function search(index: PatternIndex, view: TextView, stretches: Stretch[]): void {
  const startOf = (start: number): number => view.places?.starts[start] ?? start
  const endOf = (end: number): number => view.places?.ends[end - 1] ?? end
  index.search(
    view,
    (start, end) => isWholeWord(view.written, startOf(start), endOf(end)),
    (start, end) => stretches.push([startOf(start), endOf(end)]),
  )
}

function findWord(text: string, word: string, stretches: Stretch[]): void {
  for (let start = text.indexOf(word); start !== -1; start = text.indexOf(word, start + 1)) {
    const end = start + word.length
    if (isWholeWord(text, start, end)) stretches.push([start, end])
  }
}

function isWholeWord(text: string, start: number, end: number): boolean {
  return (
    !wordCharacterBefore.test(text.slice(Math.max(start - 2, 0), start)) &&
    !wordCharacterAfter.test(text.slice(end, end + 2))
  )
}

const wordCharacterBefore = /[\p{L}\p{N}_]$/u
const wordCharacterAfter = /^[\p{L}\p{N}_]/u

/** Sorts ranges, and merges those that overlap. */
function joined(stretches: readonly Stretch[]): Stretch[] {
  const all: [number, number][] = []
  for (const [start, end] of stretches.toSorted((one, other) => one[0] - other[0])) {
    const last = all.at(-1)
    if (last !== undefined && start < last[1]) last[1] = Math.max(last[1], end)
    else all.push([start, end])
  }
  return all
}
