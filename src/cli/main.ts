import { fileURLToPath } from 'node:url'

import { rememberOutlines } from '../yaml/outlines.ts'
import { runCommandLine } from './command-line.ts'
import { OutlineCache } from './cache/outline-cache.ts'

const outlines = OutlineCache.of(fileURLToPath(import.meta.url))
rememberOutlines(outlines)
process.once('exit', () => outlines?.save())

void runCommandLine(process.argv.slice(2), process).then((code) => {
  // Whatever still holds the event loop, a broken connection say, must not hold the person at the terminal.
  process.stdout.write('', () => {
    process.stderr.write('', () => process.exit(code))
  })
})
