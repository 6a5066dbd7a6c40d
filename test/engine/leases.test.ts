import { once, EventEmitter } from 'node:events'

import { expect } from 'chai'

import { Leases } from '../../src/engine/leases.ts'
import { ConnectionError, TaskFailure } from '../../src/errors.ts'
import type { Lease } from '../../src/modules/module.ts'
import { sh, type Script } from '../../src/target/sh.ts'

const lease: Lease = {
  name: 'the lock of /srv/shop',
  interval: 0.005,
  renew: sh`renew`,
  giveBack: sh`give back`,
}

/** Leases on a host that answers as told. */
function leasesOn(answer: (script: Script) => { code: number; stderr?: string }) {
  const calls = new EventEmitter()
  const seen: string[] = []
  const leases = new Leases((user, [script]) => {
    seen.push(`${user ?? 'login'}: ${script?.text ?? ''}`)
    calls.emit('call')
    const { code, stderr = '' } = answer(script!)
    return Promise.resolve([{ code, stdout: '', stderr, timedOut: false }])
  })
  return { leases, seen, called: () => once(calls, 'call') }
}

describe('leases', () => {
  it('are renewed as long as they are held, as the user who took them, and given back once', async () => {
    const { leases, seen, called } = leasesOn(() => ({ code: 0 }))
    leases.expect(lease, 'root')
    leases.confirm(lease)
    await called()
    await called()
    expect(await leases.giveBackAll()).to.deep.equal([])
    expect(seen.slice(0, 2)).to.deep.equal(['root: renew', 'root: renew'])
    expect(seen.at(-1)).to.equal('root: give back')
    expect(await leases.giveBackAll()).to.deep.equal([])
    expect(seen.filter((call) => call.endsWith('give back'))).to.have.length(1)
  })

  it('are given back also when it is not known whether they were taken', async () => {
    const { leases, seen } = leasesOn(() => ({ code: 0 }))
    leases.expect(lease, undefined)
    await leases.giveBackAll()
    expect(seen).to.deep.equal(['login: give back'])
  })

  it('are forgotten when a step gave them back', async () => {
    const { leases, seen } = leasesOn(() => ({ code: 0 }))
    leases.expect(lease, undefined)
    leases.confirm(lease)
    leases.forget(lease.name)
    await leases.giveBackAll()
    expect(seen).to.deep.equal([])
  })

  it('that are lost end everything that relies on them', async () => {
    const { leases, called } = leasesOn(() => ({ code: 1, stderr: 'ann holds it\n' }))
    leases.expect(lease, 'root')
    leases.confirm(lease)
    leases.demandAll()
    await called()
    await new Promise((resolve) => setImmediate(resolve))
    expect(() => {
      leases.demandAll()
    }).to.throw(TaskFailure, 'the lock of /srv/shop was lost: ann holds it')
  })

  it('on a lost host are named', async () => {
    const leases = new Leases(() => Promise.reject(new ConnectionError('web', 'lost', 'web: gone')))
    leases.expect(lease, 'root')
    expect(await leases.giveBackAll()).to.deep.equal(['the lock of /srv/shop'])
  })
})
