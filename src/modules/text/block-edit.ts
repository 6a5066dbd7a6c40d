import { insertPosition } from './line-edit.ts'
import { insertLines, type Line, linesOf, textOf } from './lines.ts'

export interface BlockEdit {
  readonly state: 'present' | 'absent'
  /** The lines of the block; an empty block is removed. */
  readonly block: string
  /** The marker lines around the block. */
  readonly begin: string
  readonly end: string
  /** A pattern, "EOF" or "BOF", for a new block only. */
  readonly insertafter?: string | undefined
  readonly insertbefore?: string | undefined
  /** True for a blank line on this side of the block. */
  readonly prepend_newline: boolean
  readonly append_newline: boolean
}

/** An error for a text that contains one of the two marker lines without the other. */
export class IncompleteBlock extends Error {
  override name = 'IncompleteBlock'
}

/** Returns the text with the block between its markers, or without block and markers. */
export function editBlock(text: string, edit: BlockEdit): string {
  const lines = linesOf(text)
  const place = findBlock(lines, edit)
  const others = place === undefined ? lines : [...lines.slice(0, place.start), ...lines.slice(place.end)]
  if (edit.state === 'absent' || edit.block.trim() === '') return place === undefined ? text : textOf(others)
  const position = place?.start ?? insertPosition(lines, edit)
  const edited = insertBlock(others, position, edit)
  return isSame(lines, edited) ? text : textOf(edited)
}

function findBlock(
  lines: readonly Line[],
  { begin, end }: BlockEdit,
): { start: number; end: number } | undefined {
  const first = lines.findLastIndex(({ text }) => text === begin)
  const last = lines.findIndex(({ text }, index) => index > first && text === end)
  if (first === -1 && !lines.some(({ text }) => text === end)) return undefined
  if (first === -1) throw new IncompleteBlock(`there is a line '${end}', but no '${begin}' before it`)
  if (last === -1) throw new IncompleteBlock(`there is a line '${begin}', but no '${end}' after it`)
  return { start: first, end: last + 1 }
}

function insertBlock(lines: readonly Line[], position: number, edit: BlockEdit): Line[] {
  const { begin, block, end, prepend_newline: prepend, append_newline: append } = edit
  const before = lines[position - 1]
  const after = lines[position]
  return insertLines(lines, position, [
    ...(prepend && before !== undefined && before.text !== '' ? [''] : []),
    begin,
    ...linesOf(block).map(({ text }) => text),
    end,
    ...(append && after !== undefined && after.text !== '' ? [''] : []),
  ])
}

function isSame(before: readonly Line[], after: readonly Line[]): boolean {
  return before.length === after.length && before.every(({ text }, index) => text === after[index]?.text)
}
