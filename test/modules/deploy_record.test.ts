import { join } from 'node:path'
import { expect } from 'chai'

import { deployRecord } from '../../src/modules/deploy_record.ts'
import { Application, scratchFolder } from './application.ts'
import { converge, settled, plan, shells } from './harness.ts'

describe('module deploy_record', () => {
  const scratch = scratchFolder()
  let application: Application
  beforeEach(() => {
    application = new Application(join(scratch.path, "it's shop"))
    application.release('a', {
      state: 'retired',
      information: { reference: 'refs/tags/v1', by: 'ann', run: 'old' },
    })
    application.release('b', {
      state: 'live',
      information: { reference: 'refs/tags/v2', by: 'ann', run: 'old' },
    })
    application.release('c', {
      state: 'ready',
      information: { reference: "it's $(v3)", by: 'ann', run: 'old' },
    })
    application.release('by-hand')
    application.current('releases/b')
  })

  for (const shell of shells)
    describe(`under ${shell}`, () => {
      const record = (id: string, state: string, given: object = {}) =>
        converge(deployRecord, { ...application.given, id, state, ...given }, { shell })

      it('records a live release and retires the previous one', async () => {
        expect((await record('c', 'live', { by: 'bob' })).changes).to.deep.equal([
          { field: 'b', before: 'live', after: 'retired' },
          { field: 'c', before: 'ready', after: 'live' },
        ])
        expect(states()).to.deep.equal({ a: 'retired', b: 'retired', 'by-hand': 'foreign', c: 'live' })
        expect(application.journal()).to.deep.equal([
          { reference: 'refs/tags/v2', by: 'bob', run: 'run-1', event: 'retired', release: 'b' },
          { reference: "it's $(v3)", by: 'bob', run: 'run-1', event: 'live', release: 'c' },
        ])
        expect((await record('c', 'live')).changes).to.deep.equal([])
      })

      it('records a failed release with the reason', async () => {
        const { changes } = await record('c', 'failed', { by: 'bob', reason: "it's \\n broken" })
        expect(changes).to.deep.equal([{ field: 'c', before: 'ready', after: 'failed' }])
        expect(application.journal()).to.deep.equal([
          {
            ...{ reference: "it's $(v3)", by: 'bob', run: 'run-1' },
            ...{ event: 'failed', release: 'c', reason: "it's \\n broken" },
          },
        ])
      })

      it('records a bad release and that the previous one is live again', async () => {
        await record('c', 'live')
        expect((await record('c', 'bad', { reason: 'x' })).changes).to.deep.equal([
          { field: 'b', before: 'retired', after: 'live' },
          { field: 'c', before: 'live', after: 'bad' },
        ])
        expect(application.journal().slice(2)).to.deep.equal([
          { reference: 'refs/tags/v2', by: 'ann', run: 'run-1', event: 'live', release: 'b' },
          { reference: "it's $(v3)", by: 'ann', run: 'run-1', event: 'bad', release: 'c', reason: 'x' },
        ])
      })

      it('records the time', async () => {
        await record('c', 'live')
        expect(application.read().releases.at(-1)?.since).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
      })

      it('records nothing unless the run holds the lock', async () => {
        application.lock('another')
        expect(await settled(() => record('c', 'live'))).to.throw('does not hold the deploy lock')
        expect(states()).to.include({ b: 'live', c: 'ready' })
        expect(application.journal()).to.deep.equal([])
      })
    })

  it('fails if the release does not exist', () => {
    expect(() => plan(deployRecord, { ...application.given, id: 'd', state: 'live' })).to.throw(
      'there is no release d in',
    )
  })

  function states(): Record<string, string> {
    return Object.fromEntries(application.read().releases.map(({ id, state }) => [id, state]))
  }
})
