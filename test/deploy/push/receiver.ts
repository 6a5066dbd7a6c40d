import { createInterface } from 'node:readline'

import { receive } from '../../../src/deploy/push/post-receive.ts'

// what `hostwright hook receive` does, with a command line of the test's own: receiver.ts PATTERN COMMAND…
const [, , pattern = '', ...command] = process.argv
process.exitCode = await receive(createInterface(process.stdin), {
  patterns: [pattern],
  folder: process.cwd(),
  deploy: (tag) => [...command, tag],
  say: (line) => {
    process.stdout.write(`${line}\n`)
  },
})
