/**
 * wildcards: `*` matches any string, `?` one character. sets: also `[a-z]`, one of these characters, and `[!a-z]`, any
 * other character; an unclosed `[` is an ordinary character. git: sets may also be written `[^a-z]` and contain a `]`
 * as their first character, `\` escapes the next character, and an unclosed `[` or a final `\` is a SyntaxError.
 */
export type GlobSyntax = 'wildcards' | 'sets' | 'git'

type Piece = 'text' | ((character: string) => boolean)

const pieces: Readonly<Record<GlobSyntax, RegExp>> = {
  wildcards: /[^]/gu,
  sets: /\[(!?)([^\]]+)\]|[^]/gu,
  git: /\[([!^]?)(\]?(?:\\.|[^\]\\])*)\]|\\(.)|[^]/gsu,
}

/** Compiles a pattern that matches a whole string. Matching takes O(pattern × string) time. */
export function globMatcher(pattern: string, syntax: GlobSyntax): (text: string) => boolean {
  const compiled = [...pattern.matchAll(pieces[syntax])].map((match) => pieceOf(match, syntax))
  return (text) => matches(compiled, Array.from(text))
}

function pieceOf([whole, negation, set, escaped]: RegExpExecArray, syntax: GlobSyntax): Piece {
  if (set !== undefined) return setOf(negation !== '', syntax === 'git' ? escapedSet(set) : plainSet(set))
  if (whole === '*') return 'text'
  if (whole === '?') return () => true
  if (syntax === 'git' && (whole === '[' || whole === '\\')) throw new SyntaxError(`unclosed '${whole}'`)
  const wanted = escaped ?? whole
  return (character) => character === wanted
}

/** Throws SyntaxError for a range whose end is before its start. */
function setOf(isNegated: boolean, source: string): Piece {
  const expression = new RegExp(`[${isNegated ? '^' : ''}${source}]`, 'u')
  return (character) => expression.test(character)
}

function plainSet(set: string): string {
  return set.replaceAll(/[\\^[\]]/g, '\\$&')
}

function escapedSet(set: string): string {
  return set.replaceAll(/\\(.)|([[\]^])/gsu, (_, escaped?: string, special?: string) =>
    (escaped ?? special ?? '').replace(/[\\^[\]-]/, '\\$&'),
  )
}

/** Backtracks only to the last `*`, because the match of an earlier one does not matter then. */
function matches(compiled: readonly Piece[], text: readonly string[]): boolean {
  let at = 0
  let star = -1
  let resume = 0
  for (let index = 0; index < text.length;) {
    const piece = compiled[at]
    if (piece === 'text') {
      star = at
      at += 1
      resume = index
    } else if (piece?.(text[index] ?? '') === true) {
      at += 1
      index += 1
    } else if (star >= 0) {
      at = star + 1
      resume += 1
      index = resume
    } else return false
  }
  return compiled.slice(at).every((piece) => piece === 'text')
}
