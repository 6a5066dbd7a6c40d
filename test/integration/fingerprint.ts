import { expect } from 'chai'

import type { Machine } from '../../src/sandbox/index.ts'
import { ssh } from './machine.ts'

/** A script that prints the state of everything that a run could write and that the system does not change itself. */
const fingerprint = `
find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /var/log \\
  -o -path /var/lib/systemd -o -path /var/cache -o -path /var/lib/mysql -o -path /root \\) -prune \\
  -o -printf '%p %y %m %u %g %s %T@ %l\\n' | sort
systemctl show --property=Id,ActiveState,SubState,UnitFileState,ActiveEnterTimestamp '*.service' | \\
  awk 'BEGIN { RS = ""; FS = "\\n" } !/Id=(user|user-runtime-dir)@/ { $1 = $1; print }' | sort
dpkg-query -W | sort`

export async function stateOf(target: Machine): Promise<string> {
  const { code, stdout, stderr } = await ssh(target, fingerprint, { user: 'root' })
  expect(stderr).to.equal('')
  expect(code).to.equal(0)
  return stdout
}

/** Returns the added and the removed lines. */
export async function changesSince(before: string, target: Machine): Promise<string[]> {
  const [old, now] = [new Set(before.split('\n')), new Set((await stateOf(target)).split('\n'))]
  const gone = [...old].filter((line) => !now.has(line)).map((line) => `- ${line}`)
  return [...gone, ...[...now].filter((line) => !old.has(line)).map((line) => `+ ${line}`)]
}
