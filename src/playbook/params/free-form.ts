import type { Dialect } from '../../variables/dialect.ts'

interface Word {
  readonly text: string
  readonly start: number
  readonly end: number
}

const quoted = /"(?:\\[^]|[^"\\])*"|'[^']*'/
const assignment = /^([A-Za-z_]\w*)=([^]*)$/

/** Parses `path=/x state=directory` into parameters; returns undefined if a word is not an assignment. */
export function parseAssignments(text: string, dialect: Dialect): Map<string, string> | undefined {
  const parameters = new Map<string, string>()
  for (const { text: one } of wordsOf(text, dialect)) {
    const [, name, value] = assignment.exec(one) ?? []
    if (name === undefined || value === undefined) return undefined
    parameters.set(name, unquote(value))
  }
  return parameters
}

export interface FreeForm {
  readonly text: string
  readonly parameters: ReadonlyMap<string, string>
}

/** Parses `creates=/x make install`: parameters with these names at the start or the end, and the remaining string. */
export function splitFreeForm(text: string, names: ReadonlySet<string>, dialect: Dialect): FreeForm {
  const parameters = new Map<string, string>()
  const words = wordsOf(text, dialect)
  const take = (one: Word | undefined): boolean => {
    const [, name, value] = assignment.exec(one?.text ?? '') ?? []
    if (name === undefined || value === undefined || !names.has(name)) return false
    parameters.set(name, unquote(value))
    return true
  }
  let first = 0
  while (take(words[first])) first += 1
  let last = words.length - 1
  while (last > first && take(words[last])) last -= 1
  if (parameters.size === 0) return { text, parameters }
  return { text: text.slice(words[first]?.start ?? text.length, words[last]?.end), parameters }
}

/** Splits a string at white space outside quotes and expressions. */
function wordsOf(text: string, dialect: Dialect): Word[] {
  const word = new RegExp(`(?:${dialect.tag.source}|${quoted.source}|[^\\s])+`, 'g')
  return [...text.matchAll(word)].map((match) => ({
    text: match[0],
    start: match.index,
    end: match.index + match[0].length,
  }))
}

function unquote(value: string): string {
  const quote = value[0]
  if (value.length < 2 || (quote !== '"' && quote !== "'") || !value.endsWith(quote)) return value
  const inner = value.slice(1, -1)
  return quote === '"' ? inner.replaceAll(/\\([^])/g, '$1') : inner
}
