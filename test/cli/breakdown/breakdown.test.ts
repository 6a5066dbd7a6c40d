import { EventEmitter } from 'node:events'
import { expect } from 'chai'

import { Breakdown } from '../../../src/cli/breakdown/breakdown.ts'
import { interruptible } from '../../../src/cli/interruption.ts'
import type { Terminal } from '../../../src/cli/terminal.ts'

describe('a breakdown of the command', () => {
  function terminal() {
    const printed: string[] = []
    const breakdown = new Breakdown()
    const parts = { breakdown, stderr: { print: (...lines: string[]) => printed.push(...lines) } }
    return { breakdown, printed, terminal: Object.assign(new EventEmitter(), parts) as unknown as Terminal }
  }

  it('aborts running work, and is over when the work has cleaned up', async () => {
    const { breakdown, printed, terminal: own } = terminal()
    const log: string[] = []
    const work = interruptible(own, async (signal) => {
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve)
      })
      await new Promise((resolve) => setTimeout(resolve, 20))
      log.push('cleaned up')
    })
    const over = breakdown.over().then(() => log.push('over'))
    breakdown.report(new Error('broken'))
    await Promise.all([work, over])
    expect(log).to.deep.equal(['cleaned up', 'over'])
    expect(printed).to.deep.equal([])
  })

  it('aborts work that begins after it', async () => {
    const { breakdown, terminal: own } = terminal()
    breakdown.report(new Error('broken'))
    expect(await interruptible(own, (signal) => Promise.resolve(signal.aborted))).to.equal(true)
  })

  it('keeps the first error', () => {
    const breakdown = new Breakdown()
    breakdown.report(new Error('first'))
    breakdown.report(new Error('second'))
    expect(breakdown.signal.reason).to.have.property('message', 'first')
  })

  it('is over although work failed', async () => {
    const breakdown = new Breakdown()
    breakdown.waitFor(Promise.reject(new Error('failed')))
    breakdown.report(new Error('broken'))
    await breakdown.over()
  })
})
