/** Some English in a file: a comment, a string, the title of a test, or prose. */
export interface Passage {
  /** A copy of the text in which everything that is not English is replaced by spaces, so that offsets stay valid. */
  readonly text: string
  /** The offset in the file. */
  readonly offset: number
  /** False for code and output, which have words but no sentences. */
  readonly hasSentences: boolean
}

/** Replaces everything but line breaks by spaces. */
export function blank(text: string): string {
  return text.replaceAll(/[^\n]/g, ' ')
}

/** Replaces names in backticks, and escape sequences of strings. */
export function withoutCode(text: string): string {
  return text.replaceAll(/\\?`[^`\n]+`|\\[nrt]/g, blank)
}
