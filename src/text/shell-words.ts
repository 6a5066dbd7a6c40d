import { UserError } from '../errors.ts'

export interface Word {
  readonly text: string
  /** Its offset in the line. */
  readonly start: number
  /** A part of it stood in quotes. */
  readonly quoted: boolean
}

/** The words of a line divided as a shell does, without what follows a `#`. */
export function shellWords(line: string): Word[] {
  const words: Word[] = []
  for (const found of line.matchAll(/(?<=^|\s)#.*|(?:\\.|'[^']*'|"(?:\\.|[^"\\])*"|[^\s])+/g)) {
    const [raw] = found
    if (raw.startsWith('#')) break
    words.push({
      text: raw.replaceAll(piece, unquote),
      start: found.index,
      quoted: /^[^'"]*=(['"]).*\1$/.test(raw),
    })
  }
  return words
}

const piece = /\\(.)|'([^']*)'|"((?:\\.|[^"\\])*)"/g

function unquote(_: string, escaped?: string, single?: string, double?: string): string {
  return escaped ?? single ?? (double ?? '').replaceAll(/\\(["\\$`])/g, '$1')
}

/** The same for options on one line. Throws UserError where a quote is open. */
export function splitArguments(text: string): string[] {
  const rest = text.replaceAll(piece, '')
  if (/['"]/.test(rest)) throw new UserError(`a quote is not closed in: ${text}`)
  return shellWords(text).map((word) => word.text)
}
