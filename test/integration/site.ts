import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import type { Machine } from '../../src/sandbox/index.ts'
import type { JsonRun } from './command.ts'

export const sitePlaybook = 'playbooks/site.yml'
/** The host of the shipped inventory. */
export const siteHost = 'www.foobar.com'
/** The greeting on the page. */
export const greeting = 'Hello from the database of foobar'

/** Returns the answer of the site on this machine, with its headers. */
export async function fetchFrom(target: Machine, path = '/'): Promise<string> {
  const { stdout } = await promisify(execFile)('curl', [
    ...['--silent', '--show-error', '--include', '--max-time', '30', '--noproxy', '*'],
    ...['--resolve', `${siteHost}:80:${target.address}`, `http://${siteHost}${path}`],
  ])
  return stdout
}

export function changedTasks(run: JsonRun): string[] {
  return run.tasks.filter((task) => task.status === 'changed').map((task) => task.task)
}
