import { createInterface } from 'node:readline'

import { receive } from '../../../src/deploy/push/post-receive.ts'

// stands in for `hostwright hook receive`, but deploys with a command of the test: receiver.ts PATTERN COMMAND…
const [, , pattern = '', ...command] = process.argv
process.exitCode = await receive(createInterface(process.stdin), {
  patterns: [pattern],
  folder: process.cwd(),
  deploy: (tag) => [...command, tag],
  say: (line) => {
    process.stdout.write(`${line}\n`)
  },
})
