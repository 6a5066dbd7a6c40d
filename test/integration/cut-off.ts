import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import type { Machine } from '../../src/sandbox/index.ts'
import { testName } from './machine.ts'

const execute = promisify(execFile)

/** Performs an action while logins to a machine fail and existing sessions are closed. Its site keeps running. */
export async function whileCutOff<Result>(
  { address, port }: Machine,
  action: () => Promise<Result>,
): Promise<Result> {
  const table = testName('cut-off')
  const rules = `table ip ${table} {
    chain output {
      type filter hook output priority filter; policy accept;
      ip daddr ${address} tcp dport ${port} reject with tcp reset
    }
  }`
  const made = execute('nft', ['-f', '-'])
  made.child.stdin?.end(rules)
  await made
  try {
    return await action()
  } finally {
    await execute('nft', ['delete', 'table', 'ip', table])
  }
}
