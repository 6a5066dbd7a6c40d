import { existsSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'

import { deployCandidate } from '../../src/modules/deploy_candidate.ts'
import { Application, scratchFolder } from './application.ts'
import { converge, settled, plan, shells } from './harness.ts'

const green = { slot: 'green', socket: '/run/php/shop-green.sock' }

describe('module deploy_candidate', () => {
  const scratch = scratchFolder()
  let application: Application
  beforeEach(() => {
    application = new Application(join(scratch.path, "it's shop"))
    application.release('a', { state: 'live', socket: '/run/php/shop-blue.sock' }).current('releases/a')
    application.release('b', { state: 'ready' }).release('c', { state: 'ready' })
  })

  for (const shell of shells) {
    const candidate = (given: object) =>
      converge(deployCandidate, { ...application.given, ...given }, { shell })

    it(`makes a release the candidate, in its own slot, under ${shell}`, async () => {
      const { changes } = await candidate({ id: 'b', ...green })
      expect(changes).to.deep.equal([
        { field: 'candidate', before: null, after: 'b' },
        { field: 'slot green', before: null, after: 'b' },
        { field: 'socket', before: null, after: green.socket },
      ])
      expect(readlinkSync(application.at('candidate'))).to.equal('releases/b')
      expect(readlinkSync(application.at('releases/b/fpm.sock'))).to.equal(green.socket)
      expect(readFileSync(application.at('deploy/slots/green'), 'utf8')).to.equal('b\n')
      expect((await candidate({ id: 'b', ...green })).changes).to.deep.equal([])
      expect((await candidate({ id: 'c', ...green })).changes.map(({ before }) => before)).to.deep.equal([
        'b',
        'b',
        null,
      ])
      expect(application.read()).to.deep.include({ candidate: 'c', slots: { green: 'c' } })
    })

    it(`removes the socket of a release if one pool serves all releases, under ${shell}`, async () => {
      await candidate({ id: 'b', ...green })
      expect((await candidate({ id: 'b' })).changes).to.deep.equal([
        { field: 'socket', before: green.socket, after: null },
      ])
      expect(existsSync(application.at('releases/b/fpm.sock'))).to.equal(false)
    })

    it(`changes nothing unless the run holds the lock, under ${shell}`, async () => {
      application.lock('another')
      expect(await settled(() => candidate({ id: 'b', ...green }))).to.throw('does not hold the deploy lock')
      expect(existsSync(application.at('candidate'))).to.equal(false)
    })
  }

  it('refuses the slot that serves visitors', () => {
    const given = { ...application.given, id: 'b', slot: 'blue', socket: '/run/php/shop-blue.sock' }
    expect(() => plan(deployCandidate, given)).to.throw(
      'the slot blue serves visitors: a candidate needs the other slot',
    )
  })

  it('refuses to move the live release to a slot', () => {
    application.current('releases/b')
    expect(() => plan(deployCandidate, { ...application.given, id: 'b', ...green })).to.throw(
      'b serves visitors: it cannot move to the slot green',
    )
  })

  it('fails if the release does not exist', () => {
    expect(() => plan(deployCandidate, { ...application.given, id: 'd' })).to.throw(
      'there is no release d in',
    )
  })

  for (const [given, says] of [
    [{ slot: 'green' }, 'must end with -<slot>.sock'],
    [{ slot: 'green', socket: '/x-blue.sock' }, 'must end with -<slot>.sock'],
    [{ slot: '../x', socket: '/x-../x.sock' }, 'expected a word'],
  ] as const)
    it(`rejects ${JSON.stringify(given)}`, () => {
      const { error } = deployCandidate.params.safeParse({ root: '/srv/shop', run: 'a', id: 'b', ...given })
      expect(error?.message).to.contain(says)
    })
})
