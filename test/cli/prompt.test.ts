import { once } from 'node:events'
import { PassThrough, Writable } from 'node:stream'
import { expect } from 'chai'

import { Breakdown } from '../../src/cli/breakdown/breakdown.ts'
import { terminalPrompt } from '../../src/cli/prompt.ts'
import { type CommandProcess, type Terminal, terminalOf } from '../../src/cli/terminal.ts'
import { Secrets } from '../../src/variables/secrets/secrets.ts'

describe('a question at the terminal', () => {
  let stdin: PassThrough
  let stderr: Writable
  let printed: string
  let interruptions: number
  let terminal: Terminal

  beforeEach(() => {
    stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined })
    printed = ''
    stderr = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        printed += chunk.toString()
        stderr.emit('printed')
        done()
      },
    })
    interruptions = 0
    const emit = () => (interruptions += 1)
    terminal = terminalOf(
      { stdin, stderr, emit, env: {} } as unknown as CommandProcess,
      new Secrets(),
      new Breakdown(),
    )
  })

  /** Types the keys as soon as the question is printed. */
  async function type(question: string, keys: string): Promise<void> {
    while (!printed.endsWith(question)) await once(stderr, 'printed')
    stdin.write(keys)
  }

  const secret = { secret: true }
  const ctrlC = '\u0003'
  const ctrlD = '\u0004'

  it('returns the answer and does not echo it', async () => {
    const answer = terminalPrompt(terminal)('Passphrase: ', secret)
    await type('Passphrase: ', 'pass phrase\r')
    expect(await answer).to.equal('pass phrase')
    expect(printed).to.equal('Passphrase: \n')
  })

  it('masks a secret answer in later output', async () => {
    const answer = terminalPrompt(terminal)('Passphrase: ', secret)
    await type('Passphrase: ', 'pass phrase\r')
    await answer
    expect(terminal.secrets.mask('with pass phrase')).to.equal('with ‹secret›')
  })

  it('returns an empty answer on Ctrl-D', async () => {
    const answer = terminalPrompt(terminal)('Passphrase: ', secret)
    await type('Passphrase: ', ctrlD)
    expect(await answer).to.equal('')
    expect(interruptions).to.equal(0)
  })

  it('interrupts a question and all that follow on Ctrl-C', async () => {
    const ask = terminalPrompt(terminal)
    const answers = [ask('Passphrase: ', secret), ask('Password: ', secret)]
    const ends = Promise.allSettled(answers)
    await type('Passphrase: ', ctrlC)
    const reasons = (await ends).map((end) =>
      end.status === 'rejected' ? (end.reason as Error).message : 'answered',
    )
    expect(reasons).to.deep.equal(['interrupted', 'interrupted'])
    expect(interruptions).to.equal(1)
    expect(printed).not.to.include('Password')
  })

  it('blocks other output while it waits for an answer', async () => {
    const log: string[] = []
    const ask = terminalPrompt(terminal, async (asking) => {
      log.push('quiet')
      const answer = await asking()
      log.push(String(answer))
      return answer
    })
    const answers = Promise.all([ask('First: ', secret), ask('Second: ', secret)])
    await type('First: ', 'one\r')
    await type('Second: ', 'two\r')
    expect(await answers).to.deep.equal(['one', 'two'])
    expect(log).to.deep.equal(['quiet', 'one', 'quiet', 'two'])
  })

  it('fails if standard input is not a terminal', async () => {
    Object.assign(stdin, { isTTY: false })
    const answer = await terminalPrompt(terminal)('Password: ', secret).catch(String)
    expect(answer).to.equal('UsageError: cannot ask "Password:": standard input is not a terminal')
  })
})
