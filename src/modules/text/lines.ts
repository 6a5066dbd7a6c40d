/** A line of a text, with its end: "\n", "\r\n", or nothing at the end of the text. */
export interface Line {
  readonly text: string
  readonly end: string
}

export function linesOf(text: string): Line[] {
  const lines: Line[] = []
  let start = 0
  for (let newline = text.indexOf('\n'); newline !== -1; newline = text.indexOf('\n', start)) {
    const isWindows = newline > start && text[newline - 1] === '\r'
    lines.push({
      text: text.slice(start, isWindows ? newline - 1 : newline),
      end: isWindows ? '\r\n' : '\n',
    })
    start = newline + 1
  }
  if (start < text.length) lines.push({ text: text.slice(start), end: '' })
  return lines
}

export function textOf(lines: readonly Line[]): string {
  return lines.map(({ text, end }) => text + end).join('')
}

/** Returns the line end of a text, for new lines. */
export function lineEnd(lines: readonly Line[]): string {
  return lines[0]?.end === '\r\n' ? '\r\n' : '\n'
}

/** Inserts lines before the line at the index. At the end of the text, the last line gets a line end first. */
export function insertLines(lines: readonly Line[], index: number, added: readonly string[]): Line[] {
  const end = lineEnd(lines)
  const closed = lines.map((line, at) => (line.end === '' && at === index - 1 ? { ...line, end } : line))
  return [...closed.slice(0, index), ...added.map((text) => ({ text, end })), ...closed.slice(index)]
}
