/** Parses a JSON object from a file that may be edited by hand or incomplete. Returns {} for anything else. */
export function jsonObject(text: string): Readonly<Record<string, unknown>> {
  const parsed = jsonValue(text)
  return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
    ? (parsed as Readonly<Record<string, unknown>>)
    : {}
}

/** The maximum depth of a value, because functions recurse into it. */
const deepest = 500

/** Parses JSON from a host or a web server. Returns undefined for invalid or too deeply nested JSON. */
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
