import { closeSync, openSync, readSync } from 'node:fs'

import type { Outline } from '../../yaml/outline.ts'
import type { OutlineStore } from '../../yaml/outlines.ts'
import { digestOfBundle } from './code-cache.ts'
import { cacheFolder, PrivateFile } from './private-file.ts'

const bytesOfDigest = 32
/** The size of the digest and the length. */
const header = bytesOfDigest / Int32Array.BYTES_PER_ELEMENT + 1
/** The limit for all outlines together; above it, only those of the last run are kept. */
const mostNumbers = 1_000_000

/** The outlines of the YAML files of earlier runs, in one file of numbers. */
export class OutlineCache implements OutlineStore {
  readonly #file: PrivateFile
  #known: Map<string, Outline> | undefined
  readonly #used = new Map<string, Outline>()
  #isComplete = true

  /** Returns undefined for a program that is not a bundle. */
  static of(bundle: string): OutlineCache | undefined {
    const digest = digestOfBundle(beginningOf(bundle))
    if (digest === undefined) return undefined
    return new OutlineCache(new PrivateFile(cacheFolder(), 'yaml-outlines', `${digest} ${bundle}`))
  }

  constructor(file: PrivateFile) {
    this.#file = file
  }

  get(digest: string): Outline | undefined {
    this.#known ??= outlinesIn(this.#file.read())
    const outline = this.#known.get(digest)
    if (outline !== undefined) this.#used.set(digest, outline)
    return outline
  }

  add(digest: string, outline: Outline): void {
    this.#used.set(digest, outline)
    this.#isComplete = false
  }

  save(): void {
    if (this.#isComplete) return
    const all = new Map([...(this.#known ?? []), ...this.#used])
    const isTooMuch = [...all.values()].reduce((sum, { length }) => sum + length, 0) > mostNumbers
    this.#file.write(contentOf(isTooMuch ? this.#used : all))
  }
}

function beginningOf(file: string): string {
  const beginning = Buffer.alloc(100)
  const descriptor = openSync(file, 'r')
  try {
    return beginning.toString('latin1', 0, readSync(descriptor, beginning))
  } finally {
    closeSync(descriptor)
  }
}

function contentOf(outlines: ReadonlyMap<string, Outline>): Buffer {
  return Buffer.concat(
    [...outlines].flatMap(([digest, outline]) => [
      Buffer.from(digest, 'hex'),
      Buffer.from(Int32Array.of(outline.length).buffer),
      Buffer.from(outline.buffer, outline.byteOffset, outline.byteLength),
    ]),
  )
}

/** Returns no outlines for a file with an invalid format. */
function outlinesIn(content: Uint8Array = Buffer.alloc(0)): Map<string, Outline> {
  const outlines = new Map<string, Outline>()
  if (content.length % Int32Array.BYTES_PER_ELEMENT !== 0) return outlines
  const { buffer } = new Uint8Array(content)
  const numbers = new Int32Array(buffer)
  for (let start = 0; start < numbers.length;) {
    const first = start + header
    const end = first + (numbers[first - 1] ?? -1)
    if (end < first || end > numbers.length) return new Map()
    const digest = Buffer.from(buffer, start * Int32Array.BYTES_PER_ELEMENT, bytesOfDigest).toString('hex')
    outlines.set(digest, numbers.subarray(first, end))
    start = end
  }
  return outlines
}
