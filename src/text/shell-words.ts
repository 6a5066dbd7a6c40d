import { UserError } from '../errors.ts'

export interface Word {
  readonly text: string
  /** The offset in the line. */
  readonly start: number
  /** True for an assignment whose whole value is quoted. */
  readonly quoted: boolean
}

const piece = /(\s+)|'([^']*)'|"((?:[^"\\]|\\[^])*)"|\\([^])|([^\s'"\\]+)/y

/** Splits a line into words like Python's shlex, without expansion. Throws UserError on an unclosed quote. */
export function splitWords(line: string): string[] {
  return wordsOf(line, { openQuote: refuse }).map(({ text }) => text)
}

/** Splits a line of an inventory. A word that starts with `#` is a comment; an unclosed quote is a character. */
export function wordsOfLine(line: string): Word[] {
  return wordsOf(line, { comments: true, openQuote: (character) => character })
}

/** Joins words to a line for messages, with quotes if needed. */
export function joinWords(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ')
}

interface Options {
  readonly comments?: boolean
  /** Handles an unclosed quote or a final backslash. Returns the string that it means. */
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
  throw new UserError(character === '\\' ? 'unexpected backslash at the end' : `unclosed quote ${character}`)
}

function unescaped(inner: string | undefined): string | undefined {
  return inner?.replaceAll(/\\(["\\])/g, '$1')
}

function isQuoted(raw: string): boolean {
  return /^[^'"]*=(['"]).*\1$/.test(raw)
}
