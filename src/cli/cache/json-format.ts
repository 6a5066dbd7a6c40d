import type { Format } from './digest-cache.ts'

/** Results as one JSON object. */
export const jsonFormat: Format<unknown> = {
  print: (results) => Buffer.from(JSON.stringify(Object.fromEntries(results))),
  parse: (content) => {
    try {
      return new Map(Object.entries(JSON.parse(content.toString()) as object))
    } catch {
      return new Map()
    }
  },
}
