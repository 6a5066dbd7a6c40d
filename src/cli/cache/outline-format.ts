import type { Outline } from '../../yaml/outline.ts'
import type { Format } from './digest-cache.ts'

const bytesOfDigest = 32
/** The size of the digest and the length. */
const header = bytesOfDigest / Int32Array.BYTES_PER_ELEMENT + 1

/** Outlines of YAML files as one sequence of numbers. */
export const outlineFormat: Format<Outline> = {
  print: (outlines) =>
    Buffer.concat(
      [...outlines].flatMap(([digest, outline]) => [
        Buffer.from(digest, 'hex'),
        Buffer.from(Int32Array.of(outline.length).buffer),
        Buffer.from(outline.buffer, outline.byteOffset, outline.byteLength),
      ]),
    ),
  parse: outlinesIn,
}

function outlinesIn(content: Buffer): Map<string, Outline> {
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
