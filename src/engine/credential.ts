const word = /[A-Za-z][A-Za-z0-9]*(?:[_.-][A-Za-z0-9]+)*/g

/** How names of credentials end: DB_PASSWORD, requirepass, api_token, secret-key. */
const credential =
  /(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|credentials?|(?:secret|private|access|api|auth|encryption|signing)[_.-]?key)$/i

/** What stands between a name and its value: `=`, `: `, `=>`, `', '` of define('DB_PASSWORD', 'x'), `>` of an XML element. */
const separator = /^["'\])]*\s*(?:=>|:=|[=:,>])\s*["']?(?=[^\s"'])/

/** Where the value of the credential begins that a line of a configuration file sets; undefined where it sets none. */
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

/** `requirepass secret` */
function isFirst(line: string, index: number): boolean {
  return line.slice(0, index).trim() === ''
}
