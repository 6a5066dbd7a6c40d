/** A JSON object that people may have edited, or a full disk cut off: what is none says nothing. */
export function jsonObject(text: string): Readonly<Record<string, unknown>> {
  const parsed = jsonValue(text)
  return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
    ? (parsed as Readonly<Record<string, unknown>>)
    : {}
}

/** Levels of a value: what goes through all of them calls itself for each. */
const deepest = 500

/** A value in JSON as a host or a web server sends it; undefined for what is not JSON, or nested too deeply. */
export function jsonValue(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text)
    return isShallow(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

function isShallow(value: unknown): boolean {
  let level = [value]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > deepest) return false
    level = level.flatMap((item) =>
      typeof item === 'object' && item !== null ? (Object.values(item) as unknown[]) : [],
    )
  }
  return true
}
