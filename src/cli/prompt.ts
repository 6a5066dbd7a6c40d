import { Writable } from 'node:stream'

import { ExitCode, UsageError, UserError } from '../errors.ts'
import type { Ask } from '../target/settings.ts'
import type { Terminal } from './terminal.ts'

/** Prevents other output on the terminal while a question is asked. */
type Quietly = <Answer>(asking: () => Promise<Answer>) => Promise<Answer>

/** Returns a function that asks one question at a time and does not echo secrets. After Ctrl-C, all questions are rejected. */
export function terminalPrompt(terminal: Terminal, quietly: Quietly = (asking) => asking()): Ask {
  let last: Promise<unknown> = Promise.resolve()
  return (question, options) => {
    const answer = last.then(async () => {
      const text = await quietly(() => ask(terminal, question, options.secret))
      if (options.secret) terminal.secrets.add(text)
      return text
    })
    last = answer.catch((error: unknown) => {
      if (error instanceof Interrupted) throw error
    })
    last.catch(() => undefined)
    return answer
  }
}

class Interrupted extends UserError {
  constructor() {
    super('interrupted', { exitCode: ExitCode.interrupted })
  }
}

async function ask(terminal: Terminal, question: string, secret: boolean): Promise<string> {
  if (!terminal.stdin.isTTY) {
    throw new UsageError(`cannot ask "${question.trim()}": standard input is not a terminal`)
  }
  terminal.stderr.question(question)
  const echo = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (!secret) terminal.stderr.echo(chunk)
      done()
    },
  })
  const { createInterface } = await import('node:readline/promises')
  const reader = createInterface({ input: terminal.stdin, output: echo, terminal: true })
  const interruption = new AbortController()
  // in raw mode, the terminal does not send a signal for Ctrl-C
  reader.once('SIGINT', () => {
    interruption.abort()
  })
  try {
    return await reader.question('', { signal: interruption.signal })
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'AbortError') throw error
    // Ctrl-D
    if (!interruption.signal.aborted) return ''
    terminal.emit('SIGINT')
    throw new Interrupted()
  } finally {
    reader.close()
    if (secret) terminal.stderr.print('')
  }
}
