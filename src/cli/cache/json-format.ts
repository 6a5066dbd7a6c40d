import { hash } from 'node:crypto'

import type { Format } from './digest-cache.ts'

/** Results as one JSON object, after its SHA-256. */
export const jsonFormat: Format<unknown> = {
  print: (results) => {
    const json = JSON.stringify(Object.fromEntries(results))
    return Buffer.from(`${hash('sha256', json)}\n${json}`)
  },
  parse: (content) => {
    const [digest = '', json = ''] = content.toString().split('\n')
    if (hash('sha256', json) !== digest) return new Map()
    return new Map(Object.entries(JSON.parse(json) as object))
  },
}
