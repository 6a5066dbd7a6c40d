/**
 * Whether a text can be the name of one host. In known_hosts `* ? ! , | # @` and white space mean something else:
 * the key of a host called `*` would be good for every host.
 */
export function isHostName(text: string): boolean {
  return /^[^\s\p{C}*?!,|#@[\]"'\\-][^\s\p{C}*?!,|#@[\]"'\\]*$/u.test(text)
}

/** The rule for a person, after the name that breaks it. */
export const hostNameRule =
  'a host name or address without blanks, control characters and any of * ? ! , | # @ [ ] and quotes'
