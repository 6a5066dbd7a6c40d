import { isLazy } from '../../variables/lazy-mapping.ts'

/** The bytes of an object, of an item in an object, and of a string without its characters. */
const [objectSize, itemSize, textSize] = [32, 8, 32]

/** The length up to which a string counts as two bytes per character without a check. */
const shortText = 256

/** Estimates the bytes of memory that a value occupies. Stops counting above the limit. */
export function memorySize(value: unknown, limit = Infinity): number {
  let size = 0
  const objects: object[] = []
  count(value)
  for (let next = objects.pop(); next !== undefined && size <= limit; next = objects.pop()) countParts(next)
  return size

  function count(item: unknown): void {
    size += itemSize
    if (typeof item === 'string') size += textSize + charactersSize(item)
    else if (typeof item === 'object' && item !== null) objects.push(item)
  }

  function countParts(whole: object): void {
    size += objectSize
    if (Buffer.isBuffer(whole)) size += whole.length
    else if (Array.isArray(whole)) countAll(whole)
    else if (!isLazy(whole)) countProperties(whole as Readonly<Record<string, unknown>>)
  }

  function countAll(items: readonly unknown[]): void {
    for (const item of items) {
      if (size > limit) return
      count(item)
    }
  }

  function countProperties(properties: Readonly<Record<string, unknown>>): void {
    for (const name of Object.keys(properties)) {
      const item = properties[name]
      const text = Array.isArray(item) ? textOfLines(properties, name) : undefined
      if (text === undefined) count(item)
      else countLines(item as readonly unknown[], text)
    }
  }

  /** Does not count the characters twice that the lines of stdout share with it. */
  function countLines(lines: readonly unknown[], text: string): void {
    const before = size
    countAll(lines)
    size = Math.max(size - charactersSize(text), before + lines.length * (itemSize + textSize))
  }
}

function charactersSize(text: string): number {
  const isNarrow = text.length > shortText && Buffer.byteLength(text) === text.length
  return isNarrow ? text.length : text.length * 2
}

/** Returns the string to which a list of lines belongs: stdout for stdout_lines. */
function textOfLines(properties: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const text = name.endsWith('_lines') ? properties[name.slice(0, -'_lines'.length)] : undefined
  return typeof text === 'string' ? text : undefined
}
