import { parseDocument, visit } from 'yaml'

/** Returns, for each line of YAML that contains a part of a value tagged `!secret`, its column, counted from 0. */
export function hiddenLines(text: string): ReadonlyMap<number, number> {
  const hidden = new Map<number, number>()
  const hide = (line: number, column: number): void => {
    hidden.set(line, Math.min(column, hidden.get(line) ?? column))
  }
  const lines = text.split('\n')
  for (const [first, last] of taggedRanges(text)) hideRange(lines, [first, last], hide)
  // the parser does not find every value in an invalid file
  hideByIndentation(lines, hide)
  return hidden
}

type Hide = (line: number, column: number) => void

function taggedRanges(text: string): (readonly [number, number])[] {
  const ranges: (readonly [number, number])[] = []
  visit(parseDocument(text, { schema: 'failsafe', logLevel: 'silent', uniqueKeys: false }), {
    Node: (_key, { tag, range }) => {
      if (tag === '!secret' && range) ranges.push([range[0], range[1]])
    },
  })
  return ranges
}

function hideRange(lines: readonly string[], [first, last]: readonly [number, number], hide: Hide): void {
  let start = 0
  lines.forEach((line, number) => {
    const end = start + line.length
    if (first <= end && last > start) hide(number, Math.max(first - start, indentOf(line)))
    start = end + 1
  })
}

/** Hides the rest of a line with the tag, and the more deeply indented lines that follow it. */
function hideByIndentation(lines: readonly string[], hide: Hide): void {
  let parent: number | undefined
  lines.forEach((line, number) => {
    const tag = line.search(/!secret\b/)
    const isBlank = line.trim() === ''
    if (parent !== undefined && !isBlank && indentOf(line) <= parent) parent = undefined
    if (parent !== undefined) hide(number, indentOf(line))
    if (tag !== -1) {
      hide(number, tag + '!secret'.length + 1)
      parent ??= parentIndent(line, tag)
    }
  })
}

/** The indentation of the key before the tag, or of the item's dash. */
function parentIndent(line: string, tag: number): number {
  const before = /^(?:\s|[-?]\s)*/.exec(line)?.[0] ?? ''
  return before.length < tag ? before.length : Math.max(before.lastIndexOf('-'), before.lastIndexOf('?'))
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length
}
