import { expect } from 'chai'

import { Failure } from './failure.ts'
import { percentile } from './figures.ts'
import { Logbook } from './logbook.ts'
import { reportText } from './report-text.ts'

describe('the figures of a load', () => {
  const logbook = new Logbook()
  const page = { kind: 'page', release: 'a' } as const
  const reset = (what: string) => ({ kind: 'form', failure: new Failure('connection', what) }) as const
  // the second request was sent first and lost last
  logbook.add({ ...reset('first'), began: 2300, ended: 2400 })
  logbook.add({ ...reset('last'), began: 2200, ended: 2900 })
  logbook.add({ ...page, began: 0, ended: 30 })
  logbook.add({ ...page, began: 990, ended: 1010 })
  logbook.add({ ...page, began: 1990, ended: 2010, release: 'b' })
  logbook.add({ ...page, began: 500, ended: 4000 })
  logbook.add({ ...page, began: 5000, ended: 5010 })
  logbook.open('deploy', 1000)
  logbook.close('deploy', 2000)
  logbook.open('loss', 2200)
  logbook.open('deploy', 2500)
  logbook.close('deploy', 3000)
  logbook.close('loss', 3000)
  const figures = logbook.figures(6000)

  it('assigns requests to the windows in which they ran, and the others to the quiet time', () => {
    expect(figures.total).to.include({ requests: 7, failed: 2, seconds: 6 })
    expect(figures.windows['deploy']).to.include({ requests: 4, failed: 1, seconds: 1.5 })
    expect(figures.windows['loss']).to.include({ requests: 3, failed: 2, seconds: 0.8 })
    expect(figures.quiet).to.include({ requests: 2, failed: 0, seconds: 4.2 })
    expect(figures.quiet.visitors).to.have.keys('page')
  })

  it('reports the times and the first and last failure of each kind of client', () => {
    const { page, form } = figures.total.visitors
    expect(page).to.deep.equal({ requests: 5, failed: 0, p50: 20, p99: 3500, max: 3500, failures: [] })
    const first = { at: 2.4, message: 'first' }
    const last = { at: 2.9, message: 'last' }
    expect(form!.failures).to.deep.equal([{ kind: 'connection', count: 2, first, last }])
  })

  it('prints short figures', () => {
    expect(reportText({ ended: 'when told', ...figures }).split('\n')).to.deep.equal([
      'load of 6.0 s, ended when told: 7 requests, 2 failed',
      'quiet, 4.2 s: 2 requests, 0 failed; 2 from a',
      '  page     2 requests, 0 failed, p50 10 ms, p99 30 ms, max 30 ms',
      'deploy, 1.5 s: 4 requests, 1 failed; 2 from a, 1 from b',
      '  page     3 requests, 0 failed, p50 20 ms, p99 3500 ms, max 3500 ms',
      '  form     1 requests, 1 failed, p50 700 ms, p99 700 ms, max 700 ms',
      '    1 x connection: at 2.90 s: last',
      'loss, 0.8 s: 3 requests, 2 failed; 1 from a',
      '  page     1 requests, 0 failed, p50 3500 ms, p99 3500 ms, max 3500 ms',
      '  form     2 requests, 2 failed, p50 100 ms, p99 700 ms, max 700 ms',
      '    2 x connection: at 2.40 s: first',
      '      last at 2.90 s: last',
    ])
  })

  it('rejects windows that are already open or were never opened', () => {
    const empty = new Logbook()
    empty.open('deploy', 0)
    expect(() => {
      empty.open('deploy', 1)
    }).to.throw('the window deploy is open already')
    expect(() => {
      empty.close('rollback', 1)
    }).to.throw('the window rollback is not open')
    expect(empty.figures(1000).windows['deploy']).to.include({ requests: 0, seconds: 1 })
  })

  it('chooses percentiles from the existing values', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1)
    expect([50, 99, 100].map((percent) => percentile(hundred, percent))).to.deep.equal([50, 99, 100])
    expect(percentile([7], 50)).to.equal(7)
    expect(percentile([1, 2], 50)).to.equal(1)
    expect(percentile([], 99)).to.equal(0)
  })
})
