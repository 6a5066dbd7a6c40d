/** Returns the words after `--` on the command line. */
export function verbatim(values: Readonly<Record<string, unknown>>): string[] {
  const words = values['--']
  return Array.isArray(words) ? words.map(String) : []
}
