import { accessSync, constants, readFileSync } from 'node:fs'

import type { Position } from '../errors.ts'
import { didYouMean } from '../text/did-you-mean.ts'
import { type Word, wordsOfLine } from '../text/shell-words.ts'
import type { Draft } from './draft.ts'
import { iniValue } from './ini-value.ts'

interface Section {
  readonly group: string
  readonly kind: 'hosts' | 'children' | 'vars' | 'broken'
}

/** Adds the groups and hosts of an INI inventory: `[group]`, `[group:children]`, `[group:vars]`. */
export function readIniFile(file: string, draft: Draft): void {
  const text = readFileSync(file, 'utf8')
  if (text.startsWith('#!') && isExecutable(file))
    draft.report(
      { file, line: 1, column: 1 },
      'inventory scripts are not supported',
      'write its output to a file and pass that file',
    )
  else readIni(text, file, draft)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function readIni(text: string, file: string, draft: Draft): void {
  let section: Section = { group: 'ungrouped', kind: 'hosts' }
  text.split(/\r?\n/).forEach((line, index) => {
    const place = (column: number): Position => ({ file, line: index + 1, column: column + 1 })
    const start = line.search(/\S/)
    if (start === -1 || line[start] === '#' || line[start] === ';') return
    if (/^\s*\[[^\]]*\]\s*([#;].*)?$/.test(line)) section = readHeader(line, place(start), draft)
    else readLine(line, section, place, draft)
  })
}

function readHeader(line: string, at: Position, draft: Draft): Section {
  const [, name = '', kind = 'hosts'] = /\[\s*([^\]:]*?)\s*(?::\s*([^\]]*?)\s*)?\]/.exec(line) ?? []
  const group = draft.groupNamed(name, at)
  if (group === undefined) return { group: name, kind: 'broken' }
  if (kind === 'vars' && !draft.varsSections.has(name)) draft.varsSections.set(name, at)
  if (kind === 'hosts' || kind === 'children') draft.declared.add(name)
  if (kind === 'hosts' || kind === 'children' || kind === 'vars') return { group: name, kind }
  const hint = didYouMean(kind, ['children', 'vars']) ?? 'write [group], [group:children] or [group:vars]'
  draft.report(at, `unknown section [${name}:${kind}]`, hint)
  return { group: name, kind: 'broken' }
}

function readLine(line: string, section: Section, place: (column: number) => Position, draft: Draft): void {
  if (section.kind === 'vars') readVariable(line, section.group, place, draft)
  else if (section.kind === 'children') readChild(line, section.group, place, draft)
  else if (section.kind === 'hosts') readHost(line, section.group, place, draft)
}

function readVariable(line: string, group: string, place: (column: number) => Position, draft: Draft): void {
  const [, indent = '', name, value = ''] = /^(\s*)([^=\s]+)\s*=\s*(.*?)\s*$/.exec(line) ?? []
  const at = place(indent.length)
  if (name === undefined) {
    draft.report(at, `'${line.trim()}' is not an assignment`, 'write name=value')
    return
  }
  draft.checkVariable(name, at)
  const parsed = iniValue(value.replace(/\s+#.*$/, ''))
  if (name !== 'ansible_group_priority') {
    draft
      .group(group)
      .vars.push({ origin: at.file, values: new Map([[name, parsed]]), dialect: draft.dialect, at: () => at })
  } else if (typeof parsed === 'number') draft.group(group).priority = parsed
  else draft.report(at, 'ansible_group_priority must be a number')
}

function readChild(line: string, group: string, place: (column: number) => Position, draft: Draft): void {
  const words = wordsOfLine(line)
  const [name, more] = words
  if (name === undefined) return
  if (more !== undefined)
    draft.report(place(more.start), `unexpected '${more.text}': write one group per line`)
  const at = place(name.start)
  if (draft.groupNamed(name.text, at) !== undefined) draft.group(group).children.set(name.text, at)
}

function readHost(line: string, group: string, place: (column: number) => Position, draft: Draft): void {
  const [name, ...assignments] = wordsOfLine(line)
  if (name === undefined) return
  const values = new Map<string, unknown>()
  const places = new Map<string, Position>()
  for (const word of assignments) readAssignment(word, place(word.start), { values, places, draft })
  for (const host of draft.hostsNamed(name.text, place(name.start))) {
    draft.group(group).hosts.add(host.name)
    if (values.size > 0)
      host.vars.push({
        origin: place(0).file,
        values,
        dialect: draft.dialect,
        at: (variable) => places.get(variable),
      })
  }
}

function readAssignment(
  word: Word,
  at: Position,
  into: { values: Map<string, unknown>; places: Map<string, Position>; draft: Draft },
): void {
  const equals = word.text.indexOf('=')
  if (equals < 1) {
    into.draft.report(at, `unexpected '${word.text}'`, 'write one host per line, followed by name=value')
    return
  }
  const name = word.text.slice(0, equals)
  into.draft.checkVariable(name, at)
  const text = word.text.slice(equals + 1)
  into.values.set(name, word.quoted ? text : iniValue(text))
  into.places.set(name, at)
}
