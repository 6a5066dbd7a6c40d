import { expect } from 'chai'

import { Machine } from '../../../src/engine/machine/machine.ts'
import { HostMemory, MemoryBudget } from '../../../src/engine/machine/memory-budget.ts'
import type { Reach } from '../../../src/playbook/playbook.ts'
import { machineOn, thing } from '../fake-machine.ts'
import { FakeTarget } from '../fake-target.ts'

describe('a machine', () => {
  const request = (...names: string[]) => ({
    user: undefined,
    keys: names.map((name) => thing.key({ name })),
  })
  const written = (name: string) => [thing.write({ name }, 'shut')]

  describe('looks ahead', () => {
    it('without a limit until something it has read is written', () => {
      const machine = machineOn(new FakeTarget())
      machine.invalidate(written('door'))
      expect(machine.window).to.equal(Infinity)
    })

    it('a few tasks after what it had read became invalid, and twice as far each time it reads again', async () => {
      const machine = machineOn(new FakeTarget({ door: 'open' }))
      await machine.read(request('door'), [])
      machine.invalidate(written('door'))
      const windows = [machine.window]
      for (let round = 0; round < 3; round += 1) {
        machine.widenWindow()
        windows.push(machine.window)
      }
      expect(windows).to.deep.equal([4, 8, 16, 32])
    })

    it('not at all where the run does not look ahead', async () => {
      const machine = machineOn(new FakeTarget({ door: 'open' }), { lookAhead: false })
      await machine.read(request('door'), [])
      machine.invalidate(written('door'))
      machine.widenWindow()
      expect(machine.window).to.equal(0)
    })
  })

  describe('reads', () => {
    it('what is needed and what is wanted ahead in one round trip, and nothing twice', async () => {
      const target = new FakeTarget()
      const machine = machineOn(target)
      await machine.read(request('door'), [request('window', 'door')])
      await machine.read(request('window', 'cat'), [])
      expect(target.ran).to.deep.equal(['get door\nget window', 'get cat'])
      expect(target.batches).to.have.length(2)
    })

    it('as each user who asks, in a batch of its own', async () => {
      const target = new FakeTarget()
      await machineOn(target).read(request('door'), [{ ...request('door'), user: 'root' }])
      expect(target.batches.map(({ user }) => user)).to.have.members([undefined, 'root'])
    })

    it('what is needed alone where what is wanted ahead spoils the script', async () => {
      const target = new FakeTarget({ door: 'open' })
      target.script('get door\nget window', () => ({ code: 1, stderr: 'no window' }))
      const machine = machineOn(target)
      await machine.read(request('door'), [request('window')])
      expect(machine.state.lookUp(undefined, thing.key({ name: 'door' }))).to.deep.equal({
        type: 'value',
        value: 'open',
      })
    })
  })

  describe('goes from play to play', () => {
    let targets: FakeTarget[]
    let machine: Machine
    beforeEach(() => {
      targets = []
      machine = new Machine({
        connect: () => {
          targets.push(new FakeTarget())
          return Promise.resolve(targets.at(-1)!)
        },
        signal: new AbortController().signal,
        lookAhead: true,
        memory: new HostMemory('web1', new MemoryBudget(1)),
      })
    })

    const known = () => machine.missing(request('door')).length === 0

    it('on the same connection where the plays reach it in the same way', async () => {
      await machine.read(request('door'), [])
      expect(await machine.goTo({})).to.equal(false)
      await machine.connection()
      expect(targets).to.have.length(1)
      expect(known()).to.equal(true)
    })

    it('on a new connection as another user, and trusts nothing it has read', async () => {
      await machine.read(request('door'), [])
      expect(await machine.goTo({ user: 'deploy' })).to.equal(false)
      await machine.connection()
      expect(targets).to.have.length(2)
      expect(known()).to.equal(false)
    })

    it('to the controller, of which it knows nothing yet', async () => {
      await machine.read(request('door'), [])
      const local: Reach = { connection: 'local' }
      expect(await machine.goTo(local)).to.equal(true)
      expect(known()).to.equal(false)
    })
  })
})
