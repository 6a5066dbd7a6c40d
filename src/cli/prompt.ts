import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'

import { UsageError } from '../errors.ts'
import type { Ask } from '../target/settings.ts'
import type { Terminal } from './terminal.ts'

/** Asks the person at the terminal, one question at a time; what is secret is not echoed. */
export function terminalPrompt(terminal: Terminal): Ask {
  let last: Promise<unknown> = Promise.resolve()
  return (question, options) => {
    const answer = last.then(() => ask(terminal, question, options.secret))
    last = answer.catch(() => undefined)
    return answer
  }
}

async function ask(terminal: Terminal, question: string, secret: boolean): Promise<string> {
  if (!terminal.stdin.isTTY) {
    throw new UsageError(`cannot ask "${question.trim()}": standard input is not a terminal`)
  }
  terminal.stderr.write(question)
  const echo = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (!secret) terminal.stderr.write(chunk)
      done()
    },
  })
  const reader = createInterface({ input: terminal.stdin, output: echo, terminal: true })
  try {
    return await reader.question('')
  } finally {
    reader.close()
    if (secret) terminal.stderr.write('\n')
  }
}
