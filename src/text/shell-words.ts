import { UserError } from '../errors.ts'

export interface Word {
  readonly text: string
  /** Its offset in the line. */
  readonly start: number
  /** It is an assignment whose whole value is in quotes. */
  readonly quoted: boolean
}

const piece = /(\s+)|'([^']*)'|"((?:[^"\\]|\\[^])*)"|\\([^])|([^\s'"\\]+)/y

/** Splits a line into words as Python's shlex does, and expands nothing. Throws UserError on an unclosed quote. */
export function splitWords(line: string): string[] {
  return wordsOf(line, { openQuote: refuse }).map(({ text }) => text)
}

/** Splits a line of an inventory: a word that begins with `#` starts a comment, an unclosed quote is a character. */
export function wordsOfLine(line: string): Word[] {
  return wordsOf(line, { comments: true, openQuote: (character) => character })
}

/** Joins words into one line for people, with quotes where they are needed. */
export function joinWords(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ')
}

interface Options {
  readonly comments?: boolean
  /** Gets a quote that is not closed, or a backslash at the end, and returns the text that it stands for. */
  readonly openQuote: (character: string) => string
}

function wordsOf(line: string, { comments = false, openQuote }: Options): Word[] {
  const words: Word[] = []
  let word: { text: string; start: number } | undefined
  let position = 0

  function endWord(): void {
    if (word !== undefined) words.push({ ...word, quoted: isQuoted(line.slice(word.start, position)) })
    word = undefined
  }

  while (position < line.length) {
    if (comments && word === undefined && line[position] === '#') return words
    piece.lastIndex = position
    const [whole, space, single, double, escaped, plain] = piece.exec(line) ?? [line.charAt(position)]
    if (space === undefined) {
      word ??= { text: '', start: position }
      word.text += single ?? unescaped(double) ?? escaped ?? plain ?? openQuote(whole)
    } else endWord()
    position += whole.length
  }
  endWord()
  return words
}

function refuse(character: string): never {
  throw new UserError(
    character === '\\' ? 'nothing follows the last backslash' : `a ${character} is not closed`,
  )
}

function unescaped(inner: string | undefined): string | undefined {
  return inner?.replaceAll(/\\(["\\])/g, '$1')
}

function isQuoted(raw: string): boolean {
  return /^[^'"]*=(['"]).*\1$/.test(raw)
}
