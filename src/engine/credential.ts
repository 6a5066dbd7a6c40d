const word = /[A-Za-z][A-Za-z0-9]*(?:[_.-][A-Za-z0-9]+)*/g

/** Matches the end of a credential's name: DB_PASSWORD, requirepass, api_token, secret-key. */
const credential =
  /(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|credentials?|(?:secret|private|access|api|auth|encryption|signing)[_.-]?key)$/i

/** Matches the text between a name and its value: `=`, `: `, `=>`, `', '` of define('DB_PASSWORD', 'x'), `>` in XML. */
const separator = /^["'\])]*\s*(?:=>|:=|[=:,>])\s*["']?(?=[^\s"'])/

/** Returns the index of the credential in a line of a configuration file, or undefined if the line sets none. */
export function credentialIn(line: string): number | undefined {
  for (const match of line.matchAll(word)) {
    if (!credential.test(match[0])) continue
    const end = match.index + match[0].length
    const rest = line.slice(end, end + 40)
    const between = separator.exec(rest) ?? (isFirst(line, match.index) ? /^\s+["']?(?=\S)/.exec(rest) : null)
    if (between !== null) return end + between[0].length
  }
  return undefined
}

/** Returns whether the word starts the line, as in `requirepass secret`. */
function isFirst(line: string, index: number): boolean {
  return line.slice(0, index).trim() === ''
}
