import { insertLines, type Line, lineEnd, linesOf, textOf } from './lines.ts'
import { expandReplacement, regularExpression } from './regular-expression.ts'

export interface LineEdit {
  readonly state: 'present' | 'absent'
  /** The line, or several lines that stand together. */
  readonly line?: string | undefined
  readonly regexp?: string | undefined
  readonly search_string?: string | undefined
  /** A pattern, "EOF" or "BOF". */
  readonly insertafter?: string | undefined
  readonly insertbefore?: string | undefined
  readonly backrefs: boolean
  readonly firstmatch: boolean
}

/** Returns the text with the line, or without the matching lines. */
export function editLine(text: string, edit: LineEdit): string {
  const lines = linesOf(text)
  return textOf(edit.state === 'absent' ? withoutLines(lines, edit) : withLine(lines, edit))
}

function withoutLines(lines: readonly Line[], edit: LineEdit): Line[] {
  const matches = matcher(edit)
  if (matches !== undefined) return lines.filter(({ text }) => !matches(text))
  const unwanted = wantedLines(edit)
  const left: Line[] = []
  for (let index = 0; index < lines.length;) {
    const line = lines[index]
    if (standsAt(lines, index, unwanted)) index += unwanted.length
    else {
      if (line !== undefined) left.push(line)
      index += 1
    }
  }
  return left
}

/** Returns the lines with the wanted one. If it exists, nothing changes, unless the pattern also matches it. */
function withLine(lines: readonly Line[], edit: LineEdit): readonly Line[] {
  const { backrefs, firstmatch } = edit
  const matches = matcher(edit)
  const wanted = wantedLines(edit)
  const present = lines.some((_line, index) => standsAt(lines, index, wanted))
  if (present && !backrefs && (wanted.length > 1 || matches?.(wanted[0] ?? '') !== true)) return lines
  const index = matches === undefined ? -1 : find(lines, firstmatch, matches)
  const matched = lines[index]
  if (matched === undefined) return backrefs ? lines : insertLines(lines, insertPosition(lines, edit), wanted)
  const texts = replacementFor(matched.text, edit)
  const end = texts.length > 1 && matched.end === '' ? lineEnd(lines) : matched.end
  return lines.toSpliced(index, 1, ...texts.map((text) => ({ text, end })))
}

function wantedLines({ line = '' }: LineEdit): string[] {
  return textsOf(line)
}

/** Returns the lines without their ends: in the file they get its own. */
function textsOf(text: string): string[] {
  return linesOf(text.endsWith('\n') ? text : `${text}\n`).map((line) => line.text)
}

function replacementFor(text: string, { line = '', backrefs, regexp }: LineEdit): string[] {
  const match = backrefs && regexp !== undefined ? regularExpression(regexp).exec(text) : null
  return textsOf(match === null ? line : expandReplacement(line, match))
}

function standsAt(lines: readonly Line[], index: number, wanted: readonly string[]): boolean {
  return wanted.every((text, offset) => lines[index + offset]?.text === text)
}

function matcher({ regexp, search_string: literal }: LineEdit): ((text: string) => boolean) | undefined {
  if (literal !== undefined) return (text) => text.includes(literal)
  if (regexp === undefined) return undefined
  const pattern = regularExpression(regexp)
  return (text) => pattern.test(text)
}

/** Returns the index for a new line: next to the last or first match, or at the end if no line matches. */
export function insertPosition(
  lines: readonly Line[],
  edit: Pick<LineEdit, 'insertafter' | 'insertbefore'> & { readonly firstmatch?: boolean },
): number {
  const { insertafter: after, insertbefore: before, firstmatch = false } = edit
  if (before === 'BOF' || after === 'BOF') return 0
  const place = before ?? after
  if (place === undefined || place === 'EOF') return lines.length
  const pattern = regularExpression(place)
  const index = find(lines, firstmatch, (text) => pattern.test(text))
  if (index === -1) return lines.length
  return before === undefined ? index + 1 : index
}

function find(lines: readonly Line[], first: boolean, matches: (text: string) => boolean): number {
  const isMatch = ({ text }: Line): boolean => matches(text)
  return first ? lines.findIndex(isMatch) : lines.findLastIndex(isMatch)
}
