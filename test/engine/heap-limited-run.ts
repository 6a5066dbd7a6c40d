/** Runs the playbook on stdin on the number of hosts in the first argument, and prints the result of each task. */
import { text } from 'node:stream/consumers'

import { Rehearsal } from './rehearsal.ts'

const hosts = Array.from({ length: Number(process.argv[2]) }, (_, index) => `web${index + 1}`)
const rehearsal = new Rehearsal()
try {
  const { tasks, exitCode } = await rehearsal.run(await text(process.stdin), { hosts })
  const told = tasks.map(({ task, host, status, msg }) => ({ task, host, status, msg: msg.slice(0, 500) }))
  process.stdout.write(JSON.stringify({ tasks: told, exitCode }))
} finally {
  rehearsal.remove()
}
