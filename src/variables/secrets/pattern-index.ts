import { randomInt } from 'node:crypto'

import type { TextView } from './text-view.ts'

/** The length of the beginning by which a pattern is found. */
const anchorLength = 4

/** Patterns of one length with the same beginning. */
interface Group {
  readonly length: number
  /** `base` to the power of the length. */
  readonly power: number
  /** True if they match only between characters other than letters, digits and _. */
  readonly wholeWord: boolean
  readonly hashes: Set<number>
}

/**
 * Finds many patterns in time linear in the length of the text, with the algorithm of Rabin and Karp. Hashes are computed
 * only for texts that contain the beginning of a pattern.
 */
export class PatternIndex {
  readonly #groups = new Map<number, Group[]>()
  /** A Bloom filter of the anchors. */
  #filter = new Uint8Array(2048)
  #size = 0

  /** @param pattern at least four characters */
  add(pattern: string, { wholeWord = false } = {}): void {
    const anchor = anchorOf(pattern)
    const groups = this.#groups.get(anchor) ?? []
    this.#groups.set(anchor, groups)
    this.#groupFor(groups, pattern.length, wholeWord).hashes.add(hashOf(pattern))
    this.#size += 1
    if (this.#size * 8 > this.#filter.length) this.#grow()
    this.#filter[this.#slot(anchor)] = 1
  }

  /** Calls `found` with each range that patterns cover; the ranges do not overlap. */
  search(
    { symbols }: TextView,
    isWholeWord: (start: number, end: number) => boolean,
    found: (start: number, end: number) => void,
  ): void {
    let hashes: Int32Array | undefined
    let anchor = 0
    let [start, end] = [0, 0]
    const mask = this.#filter.length - 1
    for (let index = 0; index < symbols.length; index += 1) {
      anchor = (anchor << 8) ^ symbols.charCodeAt(index)
      if (this.#filter[slotOf(anchor, mask)] === 0 || index + 1 < anchorLength) continue
      const groups = this.#groups.get(anchor)
      if (groups === undefined) continue
      hashes ??= hashesOf(symbols)
      const from = index + 1 - anchorLength
      const length = longestAt(groups, from, end, hashes, isWholeWord)
      if (length === 0) continue
      if (from >= end) {
        if (end > 0) found(start, end)
        start = from
      }
      end = from + length
    }
    if (end > 0) found(start, end)
  }

  #groupFor(groups: Group[], length: number, wholeWord: boolean): Group {
    const known = groups.find((group) => group.length === length && group.wholeWord === wholeWord)
    if (known !== undefined) return known
    const group = { length, power: powerOf(length), wholeWord, hashes: new Set<number>() }
    const place = groups.findIndex((other) => other.length < length)
    groups.splice(place === -1 ? groups.length : place, 0, group)
    return group
  }

  #grow(): void {
    this.#filter = new Uint8Array(this.#filter.length * 4)
    for (const anchor of this.#groups.keys()) this.#filter[this.#slot(anchor)] = 1
  }

  #slot(anchor: number): number {
    return slotOf(anchor, this.#filter.length - 1)
  }
}

/** Returns the length of the longest pattern that begins at `from` and ends after `covered`, or 0. */
function longestAt(
  groups: readonly Group[],
  from: number,
  covered: number,
  hashes: Int32Array,
  isWholeWord: (start: number, end: number) => boolean,
): number {
  for (const { length, power, wholeWord, hashes: known } of groups) {
    const end = from + length
    if (end <= covered) return 0
    if (end >= hashes.length) continue
    const hash = ((hashes[end] ?? 0) - Math.imul(hashes[from] ?? 0, power)) | 0
    if (known.has(hash) && (!wholeWord || isWholeWord(from, end))) return length
  }
  return 0
}

/** Random, so that an attacker cannot construct a text with the hash of a pattern. */
const base = randomInt(2 ** 30, 2 ** 31) | 1

/** Returns the hash of each prefix of a text, beginning with the empty one. */
function hashesOf(text: string): Int32Array {
  const hashes = new Int32Array(text.length + 1)
  let hash = 0
  for (let index = 0; index < text.length; index += 1) {
    hash = (Math.imul(hash, base) + text.charCodeAt(index) + 1) | 0
    hashes[index + 1] = hash
  }
  return hashes
}

function hashOf(text: string): number {
  let hash = 0
  for (let index = 0; index < text.length; index += 1)
    hash = (Math.imul(hash, base) + text.charCodeAt(index) + 1) | 0
  return hash
}

function powerOf(exponent: number): number {
  let [power, factor] = [1, base]
  for (let rest = exponent; rest > 0; rest >>>= 1) {
    if ((rest & 1) === 1) power = Math.imul(power, factor)
    factor = Math.imul(factor, factor)
  }
  return power
}

/** Returns the first characters as a number, as the search does for each position. */
function anchorOf(pattern: string): number {
  let anchor = 0
  for (let index = 0; index < anchorLength; index += 1) anchor = (anchor << 8) ^ pattern.charCodeAt(index)
  return anchor
}

function slotOf(anchor: number, mask: number): number {
  return (Math.imul(anchor, 0x9e3779b1) >>> 12) & mask
}
