/** The words and constructions that CONTRIBUTING.md bans; a space matches line breaks too. */
const bannedWords = [
  /nobody|somebody|whoever|anew|nevertheless|shall/,
  /by itself|in force|at hand|of ours/,
  /comes? to|goes on|went on|broke off|broken off|(?:is|are|was|were) told/,
  /from (?!now|then|here)(?:(?!from )[^.,:;()]){1,40} on(?=[.,:;)]|\s*$)/,
].map(({ source }) => new RegExp(`\\b(?:${source.replaceAll(' ', '\\s+')})\\b`, 'gi'))

const subjectClause = /^[\s"'(*_#-]*(what|whether|who|where)\s/i
const sentenceEnd = /[.!?:]["'`)*_]*\s+(?=["'(*_]*[A-Z])|\n[^\S\n]*\n|\n[^\S\n]*(?:[-*]|#+|\d+\.)\s|\|/g

export interface Finding {
  readonly word: string
  readonly sentence: string
  /** The offset of the word in the text. */
  readonly offset: number
}

/** Finds banned words, and sentences that start with a clause as their subject. */
export function findBanned(text: string): Finding[] {
  return [...findBannedWords(text), ...findSubjectClauses(text)]
}

export function findBannedWords(text: string): Finding[] {
  return sentencesOf(text).flatMap(({ sentence, offset }) =>
    bannedWords.flatMap((pattern) =>
      [...sentence.matchAll(pattern)].map((match) => ({
        word: oneLine(match[0]),
        sentence: oneLine(sentence),
        offset: offset + match.index,
      })),
    ),
  )
}

function findSubjectClauses(text: string): Finding[] {
  return sentencesOf(text).flatMap(({ sentence, offset }) => {
    const clause = subjectClause.exec(sentence)
    const shown = oneLine(sentence)
    const isQuestion = shown.endsWith('?')
    const isName = !/ .* /.test(shown)
    if (clause === null || isQuestion || isName) return []
    const word = clause[1]!
    return [{ word, sentence: shown, offset: offset + clause[0].indexOf(word) }]
  })
}

/** Splits a text. Every sentence except the first one starts with an upper-case letter. */
function sentencesOf(text: string): { readonly sentence: string; readonly offset: number }[] {
  const starts = [0, ...[...text.matchAll(sentenceEnd)].map((end) => end.index + end[0].length)]
  return starts.map((start, index) => ({ sentence: text.slice(start, starts[index + 1]), offset: start }))
}

/** Returns a sentence without line breaks and without the marks of a heading, a list or a table. */
function oneLine(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replaceAll(/^(?:#+|-) | ?\|$/g, '')
}
