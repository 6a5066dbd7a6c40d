import { join } from 'node:path'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'

import { deployPrune } from '../../src/modules/deploy_prune.ts'
import type { UnitValue } from '../../src/state/unit/value.ts'
import { Application, scratchFolder } from './application.ts'
import { converge, settled, plan, shells } from './harness.ts'

const slots = { blue: 'shop-php@blue', green: 'shop-php@green' }

describe('module deploy_prune', () => {
  const scratch = scratchFolder()
  let application: Application
  beforeEach(() => {
    application = new Application(join(scratch.path, "it's shop"))
    for (const [id, state] of Object.entries({
      a1: 'retired',
      b1: 'failed',
      c1: 'retired',
      d1: 'retired',
      e1: 'live',
    }))
      application.release(id, { state })
    application.current('releases/e1').release('by-hand').slot('blue', 'a1').slot('green', 'e1')
  })

  for (const shell of shells)
    describe(`under ${shell}`, () => {
      it('removes old releases with their states, and unfinished ones', async () => {
        const odd = "-rf it's\n$(odd).partial"
        mkdirSync(application.at('releases', odd))
        writeFileSync(application.at('deploy/states', odd.replace('.partial', '')), 'ready then\n')
        const { changes } = await converge(deployPrune, { ...application.given, keep: 2 }, { shell })
        const unfinished = { field: odd, before: 'unfinished', after: 'absent' }
        expect(changes).to.deep.equal([
          { field: 'a1', before: 'retired', after: 'absent' },
          { field: 'b1', before: 'failed', after: 'absent' },
          { field: 'c1', before: 'retired', after: 'absent' },
          unfinished,
        ])
        expect(application.releases()).to.deep.equal(['by-hand', 'd1', 'e1'])
        expect(readdirSync(application.at('deploy/states')).sort()).to.deep.equal(['d1', 'e1'])
        expect(application.journal()).to.deep.equal([
          { event: 'removed', run: 'run-1', releases: ['a1', 'b1', 'c1', odd] },
        ])
        expect(
          (await converge(deployPrune, { ...application.given, keep: 2 }, { shell })).changes,
        ).to.deep.equal([])
      })

      it('removes nothing unless the run holds the lock', async () => {
        application.lock('another')
        expect(
          await settled(() => converge(deployPrune, { ...application.given, keep: 2 }, { shell })),
        ).to.throw('does not hold the deploy lock')
        expect(application.releases()).to.have.length(6)
      })
    })

  for (const [active, stays] of [
    ['active', true],
    ['reloading', true],
    ['activating', true],
    ['deactivating', true],
    ['inactive', false],
    ['failed', false],
  ] as const)
    it(`${stays ? 'keeps' : 'removes'} a release whose slot is ${active}`, () => {
      const params = deployPrune.params.parse({ ...application.given, keep: 2, slots })
      const unit = (name: string, state: string): Partial<UnitValue> => ({
        exists: true,
        id: name,
        active: state,
      })
      const units = [unit('shop-php@blue.service', active), unit('shop-php@green.service', 'active')]
      const changes = deployPrune.diff({ deployment: application.read(), units } as never, params)
      expect(changes.some(({ field }) => field === 'a1')).to.equal(!stays)
    })

  it('removes no good release with keep: 0', () => {
    const { changes } = plan(deployPrune, { ...application.given, keep: 0 })
    expect(changes.map(({ field }) => field)).to.deep.equal(['b1'])
  })

  it('rejects a negative keep', () => {
    const { error } = deployPrune.params.safeParse({ ...application.given, keep: -1 })
    expect(error?.message).to.contain('must not be negative')
  })
})
