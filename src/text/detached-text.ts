/**
 * Returns an equal string that does not keep a longer one in memory: V8 represents a slice of 13 characters or more as a
 * reference to the string that it was cut from.
 */
export function detachedText(text: string): string {
  return Buffer.from(text).toString()
}
