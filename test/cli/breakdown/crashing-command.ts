/** Runs the command, and throws an uncaught error when the file in the environment variable CRASH_AT appears. */
import { existsSync } from 'node:fs'

const file = process.env['CRASH_AT'] ?? ''
setInterval(() => {
  if (existsSync(file)) throw new Error('thrown in a callback')
}, 20)
await import('../../../src/cli/main.ts')
