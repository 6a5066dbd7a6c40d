import { expect } from 'chai'

import type { Ending } from '../../src/target/pipes.ts'
import { lostConnection } from '../../src/target/lost-connection.ts'

describe('the error of a lost connection', () => {
  const cases: [what: string, ending: Ending, cause: string][] = [
    ['the signal', { signal: 'SIGKILL' }, 'the remote shell was killed by SIGKILL'],
    ['the exit code', { code: 3 }, 'the remote shell exited with code 3'],
    ['the cause', { cause: new Error('Keepalive timeout') }, 'the connection was lost (Keepalive timeout)'],
    ['no cause without one', {}, 'the connection was lost'],
  ]
  for (const [what, ending, cause] of cases)
    it(`reports ${what} of a lost connection`, () => {
      const error = lostConnection('web1', ending, { exchange: undefined, stderr: '' })
      expect(error).to.include({ problem: 'lost', message: `web1: ${cause}` })
      expect(error.hint).to.equal(undefined)
    })

  it('reports whether a script was running, with the hint to run again only then', () => {
    const running = lostConnection('web1', {}, { exchange: { started: true }, stderr: '' })
    expect(running.message).to.equal('web1: the connection was lost while a script was running')
    expect(running.hint).to.equal('run again when the host is reachable')
    const sent = lostConnection('web1', {}, { exchange: { started: false }, stderr: '' })
    expect(sent.message).to.equal('web1: the connection was lost while a script was being sent')
    expect(sent.hint).to.equal(undefined)
  })

  it('quotes stderr of the shell', () => {
    const error = lostConnection('web1', { code: 1 }, { exchange: undefined, stderr: ' no space\n' })
    expect(error.message).to.equal('web1: the remote shell exited with code 1: no space')
  })
})
