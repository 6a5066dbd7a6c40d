import type { ScalarNode, YamlNode } from './node.ts'

const kinds = [
  'nothing',
  'map',
  'list',
  'plain',
  'single-quoted',
  'double-quoted',
  'literal',
  'folded',
] as const
/** The number that is added to the kind of a mapping with the tag !secret. */
const secret = kinds.length
const nothing = kinds.indexOf('nothing')

/** A YAML text as numbers: kinds of nodes and offsets, from which nodesOf creates the nodes without a parser. */
export type Outline = Int32Array

/**
 * Returns the outline of a document, which contains no part of its text. Returns undefined for a document with anchors,
 * with other tags than !secret, with other escapes than line breaks, or with the text of a secret.
 */
export function outlineOf(root: YamlNode | null, text: string): Outline | undefined {
  const numbers: number[] = []
  return write(root, text, numbers) ? Int32Array.from(numbers) : undefined
}

/** Returns whether the node has an outline. */
function write(node: YamlNode | null, text: string, numbers: number[]): boolean {
  if (node === null) {
    numbers.push(nothing)
    return true
  }
  if (node.type === 'alias' || node.anchor !== undefined) return false
  const isSecret = node.type === 'map' && node.tag === '!secret'
  if (node.tag !== undefined && !isSecret) return false
  const kind = kinds.indexOf(node.type === 'scalar' ? node.style : node.type)
  numbers.push(isSecret ? kind + secret : kind, node.start, node.end)
  if (node.type === 'scalar') return writeScalar(node, text, numbers)
  const children = node.type === 'list' ? node.items : node.entries.flatMap(({ key, value }) => [key, value])
  numbers.push(children.length)
  return children.every((child) => write(child, text, numbers))
}

/** A marker in place of a range, for an escaped line break. */
const lineBreak = [-1, -1] as const

/** Writes the value of a scalar as a sequence of ranges of the text, e.g. lines without their indentation. */
function writeScalar(node: ScalarNode, text: string, numbers: number[]): boolean {
  const { start, end, style, text: value } = node
  const count = numbers.push(0) - 1
  let from = start
  for (let done = 0; done < value.length;) {
    if (style === 'double-quoted' && value.charAt(done) === '\n') {
      numbers.push(...lineBreak)
      done += 1
      continue
    }
    from = text.indexOf(value.charAt(done), from)
    if (from === -1 || from >= end) return false
    const first = from
    while (from < end && done < value.length && text.charAt(from) === value.charAt(done)) {
      from += 1
      done += 1
    }
    numbers.push(first, from)
  }
  numbers[count] = (numbers.length - count - 1) / 2
  return true
}

/** Returns the nodes of a text from its outline. */
export function nodesOf(outline: Outline, text: string): YamlNode | null {
  return new OutlineReader(outline, text).node()
}

class OutlineReader {
  readonly #outline: Outline
  readonly #text: string
  #next = 0

  constructor(outline: Outline, text: string) {
    this.#outline = outline
    this.#text = text
  }

  node(): YamlNode | null {
    const number = this.#number()
    if (number === nothing) return null
    const [start, end, count] = [this.#number(), this.#number(), this.#number()]
    const tag = number > secret ? '!secret' : undefined
    const kind = kinds[number % secret]
    if (kind === undefined || kind === 'nothing') throw new RangeError('not an outline')
    if (kind === 'map') return { type: 'map', start, end, tag, entries: this.#entries(count / 2) }
    if (kind === 'list') return { type: 'list', start, end, tag, items: this.#nodes(count) }
    return { type: 'scalar', start, end, style: kind, text: this.#value(count) }
  }

  #entries(count: number): { key: YamlNode | null; value: YamlNode | null }[] {
    const entries = []
    for (let index = 0; index < count; index += 1) entries.push({ key: this.node(), value: this.node() })
    return entries
  }

  #nodes(count: number): (YamlNode | null)[] {
    const nodes = []
    for (let index = 0; index < count; index += 1) nodes.push(this.node())
    return nodes
  }

  #value(count: number): string {
    let value = ''
    for (let index = 0; index < count; index += 1) {
      const [first, end] = [this.#number(), this.#number()]
      value += first === lineBreak[0] ? '\n' : this.#text.slice(first, end)
    }
    return value
  }

  #number(): number {
    const number = this.#outline[this.#next]
    if (number === undefined) throw new RangeError('the outline ends too early')
    this.#next += 1
    return number
  }
}
