import { fileURLToPath } from 'node:url'

import { rememberResults } from '../remembered.ts'
import { rememberOutlines } from '../yaml/outlines.ts'
import { DigestCache } from './cache/digest-cache.ts'
import { jsonFormat } from './cache/json-format.ts'
import { outlineFormat } from './cache/outline-format.ts'
import { runCommandLine } from './command-line.ts'

const bundle = fileURLToPath(import.meta.url)
const outlines = DigestCache.of(bundle, 'yaml-outlines', outlineFormat)
const results = DigestCache.of(bundle, 'results', jsonFormat)
rememberOutlines(outlines)
rememberResults(results)
process.once('exit', () => {
  outlines?.save()
  results?.save()
})

void runCommandLine(process.argv.slice(2), process).then((code) => {
  // exits explicitly, because an open handle such as a broken connection would keep the process running
  process.exit(code)
})
