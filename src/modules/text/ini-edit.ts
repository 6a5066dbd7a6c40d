import { insertLines, type Line, linesOf, textOf } from './lines.ts'

export interface IniEdit {
  readonly state: 'present' | 'absent'
  /** The name of the section; without it, the part before the first section. */
  readonly section?: string | undefined
  /** The name of the option; without it, the whole section. */
  readonly option?: string | undefined
  /** The values; an empty list with state absent means any value. */
  readonly values: readonly string[]
  /** True if other values of the option are removed. */
  readonly exclusive: boolean
  readonly no_extra_spaces: boolean
  readonly ignore_spaces: boolean
  readonly allow_no_value: boolean
  /** True if a commented-out option is replaced by the new one. */
  readonly modify_inactive_option: boolean
}

interface Section {
  /** The index of the line after the header. */
  readonly start: number
  readonly end: number
}

/** Returns the text of an INI file with the option set or removed. */
export function editIni(text: string, edit: IniEdit): string {
  const lines = linesOf(text)
  const section = findSection(lines, edit.section)
  if (edit.state === 'present')
    return textOf(section === undefined ? withSection(lines, edit) : withOption(lines, section, edit))
  if (section === undefined) return text
  return textOf(
    edit.option === undefined ? withoutSection(lines, section) : withoutOption(lines, section, edit),
  )
}

function withSection(lines: readonly Line[], edit: IniEdit): Line[] {
  const separator = lines.length > 0 && lines.at(-1)?.text.trim() !== '' ? [''] : []
  const added = [
    ...separator,
    `[${edit.section ?? ''}]`,
    ...(edit.option === undefined ? [] : wantedLines(edit)),
  ]
  return insertLines(lines, lines.length, added)
}

function withoutSection(lines: readonly Line[], { start, end }: Section): Line[] {
  return [...lines.slice(0, Math.max(start - 1, 0)), ...lines.slice(end)]
}

function withoutOption(lines: readonly Line[], { start, end }: Section, edit: IniEdit): Line[] {
  return lines.filter(({ text }, index) => {
    const active = index >= start && index < end ? activeOption(text, edit) : undefined
    return active === undefined || (edit.values.length > 0 && !edit.values.includes(active.value ?? ''))
  })
}

/**
 * Puts the wanted lines in place of existing lines with the option, first of those with the same value. The remaining
 * ones go after them.
 */
function withOption(lines: readonly Line[], section: Section, edit: IniEdit): readonly Line[] {
  if (edit.option === undefined) return lines
  const active = activePlaces(lines, section, edit)
  const texts = new Map<number, string>()
  const homeless: string[] = []
  for (const wanted of wantedLines(edit)) {
    const place = active.find((index) => !texts.has(index) && isSame(lines[index]?.text ?? '', wanted, edit))
    if (place === undefined) homeless.push(wanted)
    else texts.set(place, edit.ignore_spaces ? (lines[place]?.text ?? wanted) : wanted)
  }
  const free = edit.exclusive ? active.filter((index) => !texts.has(index)) : []
  const places =
    active.length === 0 && edit.modify_inactive_option ? inactivePlace(lines, section, edit) : free
  for (const index of places.slice(0, homeless.length)) texts.set(index, homeless.shift() ?? '')
  const surplus = new Set(free.filter((index) => !texts.has(index)))
  const anchors = [...active, ...texts.keys()]
  const position =
    anchors.length === 0
      ? endOfSection(lines, section)
      : anchors.reduce((last, anchor) => Math.max(last, anchor)) + 1
  const changed = lines.map(({ text, end }, index) => ({ text: texts.get(index) ?? text, end }))
  return insertLines(changed, position, homeless).filter(
    (_line, index) => !surplus.has(index < position ? index : index - homeless.length),
  )
}

function activePlaces(lines: readonly Line[], { start, end }: Section, edit: IniEdit): number[] {
  return lines.flatMap(({ text }, index) =>
    index >= start && index < end && activeOption(text, edit) !== undefined ? [index] : [],
  )
}

function inactivePlace(lines: readonly Line[], { start, end }: Section, edit: IniEdit): number[] {
  const index = lines.findIndex(({ text }, at) => {
    const comment = at >= start && at < end ? /^\s*[#;]\s*(.*)$/s.exec(text)?.[1] : undefined
    return comment !== undefined && comment.includes('=') && activeOption(comment, edit) !== undefined
  })
  return index === -1 ? [] : [index]
}

/** Parses a line without a regular expression, because U+2028 in a value ends a line in JavaScript only. */
function activeOption(text: string, { option }: IniEdit): { readonly value: string | undefined } | undefined {
  const equals = text.indexOf('=')
  const name = (equals === -1 ? text : text.slice(0, equals)).trim()
  return name === option ? { value: equals === -1 ? undefined : text.slice(equals + 1).trim() } : undefined
}

function isSame(text: string, wanted: string, edit: IniEdit): boolean {
  return activeOption(text, edit)?.value === activeOption(wanted, edit)?.value
}

function wantedLines({ option = '', values, no_extra_spaces: tight }: IniEdit): string[] {
  if (values.length === 0) return [option]
  return values.map((value) => (tight ? `${option}=${value}` : `${option} = ${value}`.trimEnd()))
}

function findSection(lines: readonly Line[], name: string | undefined): Section | undefined {
  const headers = lines.flatMap(({ text }, index) => {
    const header = /^\s*\[(.*?)\]\s*(?:[#;].*)?$/s.exec(text)?.[1]
    return header === undefined ? [] : [{ header: header.trim(), index }]
  })
  const end = (after: number): number => headers.find(({ index }) => index >= after)?.index ?? lines.length
  if (name === undefined) return { start: 0, end: end(0) }
  const found = headers.find(({ header }) => header === name)
  return found === undefined ? undefined : { start: found.index + 1, end: end(found.index + 1) }
}

/** Returns the index after the last line of a section that is not blank. */
function endOfSection(lines: readonly Line[], { start, end }: Section): number {
  const last = lines.slice(start, end).findLastIndex(({ text }) => text.trim() !== '')
  return start + last + 1
}
