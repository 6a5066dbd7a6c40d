import { expect } from 'chai'

import { Machine } from '../../../src/engine/machine/machine.ts'
import { HostMemory, MemoryBudget } from '../../../src/engine/machine/memory-budget.ts'
import type { Reach } from '../../../src/playbook/playbook.ts'
import { machineOn, thing } from '../fake-machine.ts'
import { FakeTarget } from '../fake-target.ts'

describe('Machine', () => {
  const request = (...names: string[]) => ({
    user: undefined,
    keys: names.map((name) => thing.key({ name })),
  })
  const written = (name: string) => [thing.write({ name }, 'shut')]

  describe('look-ahead', () => {
    it('looks ahead without a limit until a write makes an answer stale', () => {
      const machine = machineOn(new FakeTarget())
      machine.invalidate(written('door'))
      expect(machine.window).to.equal(Infinity)
    })

    it('restarts the window after an answer became stale, and doubles it with each read', async () => {
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

    it('never looks ahead in a run without look-ahead', async () => {
      const machine = machineOn(new FakeTarget({ door: 'open' }), { lookAhead: false })
      await machine.read(request('door'), [])
      machine.invalidate(written('door'))
      machine.widenWindow()
      expect(machine.window).to.equal(0)
    })
  })

  describe('reading', () => {
    it('reads needed keys and those of later tasks in one round trip, without duplicates', async () => {
      const target = new FakeTarget()
      const machine = machineOn(target)
      await machine.read(request('door'), [request('window', 'door')])
      await machine.read(request('window', 'cat'), [])
      expect(target.ran).to.deep.equal(['get door\nget window', 'get cat'])
      expect(target.batches).to.have.length(2)
    })

    it('reads in a separate batch for each user', async () => {
      const target = new FakeTarget()
      await machineOn(target).read(request('door'), [{ ...request('door'), user: 'root' }])
      expect(target.batches.map(({ user }) => user)).to.have.members([undefined, 'root'])
    })

    it('sends nothing as a user for whom everything is known', async () => {
      const target = new FakeTarget()
      const machine = machineOn(target)
      await machine.read({ ...request('door'), user: 'root' }, [])
      await machine.read(request('window'), [{ ...request('door'), user: 'root' }])
      await machine.read(request('window'), [])
      expect(target.batches.map(({ user }) => user)).to.deep.equal(['root', undefined])
    })

    it('reads the needed keys alone if a read ahead makes the script fail', async () => {
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

  describe('leases', () => {
    for (const user of ['app', undefined])
      it(`releases a lease of ${user ?? 'the login user'} as this user, alongside other scripts on the host`, async () => {
        const target = new FakeTarget()
        const machine = machineOn(target)
        const release = target.script('release')
        const lease = {
          name: 'the lock',
          interval: 3600,
          renew: target.script('renew'),
          environment: {},
          release,
        }
        machine.leases.expect(lease, user)
        expect(await machine.leases.releaseAll()).to.deep.equal([])
        const as = user === undefined ? {} : { user }
        expect(target.batches).to.deep.equal([{ scripts: [release], beside: true, timeLimit: 10, ...as }])
      })
  })

  describe('the next play', () => {
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

    it('keeps the connection if the next play reaches the machine in the same way', async () => {
      await machine.read(request('door'), [])
      expect(await machine.switchConnection({})).to.equal(false)
      await machine.connection()
      expect(targets).to.have.length(1)
      expect(known()).to.equal(true)
    })

    it('reconnects and drops all answers if the next play logs in as another user', async () => {
      await machine.read(request('door'), [])
      expect(await machine.switchConnection({ user: 'deploy' })).to.equal(false)
      await machine.connection()
      expect(targets).to.have.length(2)
      expect(known()).to.equal(false)
    })

    it('starts without answers if the next play works on the controller', async () => {
      await machine.read(request('door'), [])
      const local: Reach = { connection: 'local' }
      expect(await machine.switchConnection(local)).to.equal(true)
      expect(known()).to.equal(false)
    })
  })
})
