import { spawn } from 'node:child_process'
import { userInfo } from 'node:os'

import type { Connection, Ending, Pipes } from './pipes.ts'

/** This machine itself. */
export function connectLocally(): Connection {
  const running = new Set<Promise<Ending>>()
  return {
    user: userInfo().username,
    open(command) {
      const pipes = start(command)
      running.add(pipes.ended)
      return Promise.resolve(pipes)
    },
    async close() {
      await Promise.all(running)
    },
  }
}

// In a session of its own: Ctrl-C on the terminal is for us, and we end the scripts in good order.
function start(command: string): Pipes {
  const child = spawn('/bin/sh', ['-c', command], { detached: true, stdio: 'pipe' })
  const ended = new Promise<Ending>((resolve) => {
    child.on('exit', (code, signal) => {
      child.stdin.end()
      resolve({ ...(code === null ? {} : { code }), ...(signal === null ? {} : { signal }) })
    })
    child.on('error', () => {
      resolve({})
    })
  })
  return { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, ended }
}
