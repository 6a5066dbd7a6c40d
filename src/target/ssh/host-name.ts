/**
 * Returns whether a string is a valid host name. In known_hosts, `* ? ! , | # @` and white space have a meaning:
 * the key of a host named `*` would be valid for every host.
 */
export function isHostName(text: string): boolean {
  return /^[^\s\p{C}*?!,|#@[\]"'\\-][^\s\p{C}*?!,|#@[\]"'\\]*$/u.test(text)
}

/** The rule as hints show it. */
export const hostNameRule =
  'a host name or address without blanks, control characters, quotes and any of * ? ! , | # @ [ ]'
