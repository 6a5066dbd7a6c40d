import { fileURLToPath } from 'node:url'

import { rememberOutlines } from '../yaml/outlines.ts'
import { runCommandLine } from './command-line.ts'
import { OutlineCache } from './cache/outline-cache.ts'

const outlines = OutlineCache.of(fileURLToPath(import.meta.url))
rememberOutlines(outlines)
process.once('exit', () => outlines?.save())

void runCommandLine(process.argv.slice(2), process).then((code) => {
  // exits explicitly, because an open handle such as a broken connection would keep the process running
  process.stdout.write('', () => {
    process.stderr.write('', () => process.exit(code))
  })
})
