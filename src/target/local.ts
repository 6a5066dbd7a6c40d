import { spawn } from 'node:child_process'
import { userInfo } from 'node:os'

import type { Connection, Ending, Pipes } from './pipes.ts'

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

// A session of its own keeps Ctrl-C from the scripts: this process stops them in order.
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
