/** Splits a command line into its words as a shell would, and does nothing else that a shell does. Throws on an open quote. */
export function splitWords(line: string): string[] {
  const words: string[] = []
  let word: string | undefined
  let position = 0
  for (const match of line.matchAll(/(\s+)|'([^']*)'|"((?:[^"\\]|\\[^])*)"|\\([^])|([^\s'"\\]+)/gy)) {
    const [whole, space, single, double, escaped, plain] = match
    position += whole.length
    if (space === undefined)
      word = (word ?? '') + (single ?? double?.replaceAll(/\\(["\\])/g, '$1') ?? escaped ?? plain ?? '')
    else if (word !== undefined) {
      words.push(word)
      word = undefined
    }
  }
  const rest = line[position]
  if (rest !== undefined)
    throw new Error(rest === '\\' ? 'nothing follows the last backslash' : `a ${rest} is not closed`)
  return word === undefined ? words : [...words, word]
}

/** The words as one line that a person reads, with quotes where they need them. */
export function joinWords(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ')
}
