import { once, EventEmitter } from 'node:events'
import { expect } from 'chai'

import { Leases } from '../../../src/engine/machine/leases.ts'
import { ConnectionError, ExitCode, TaskFailure, UserError } from '../../../src/errors.ts'
import type { Lease } from '../../../src/modules/definition/module.ts'
import { sh, type Script } from '../../../src/target/sh.ts'

const lease: Lease = {
  name: 'the lock of /srv/shop',
  interval: 0.005,
  renew: sh`renew`,
  environment: { HOLDER: 'me' },
  release: sh`release`,
}

/** Leases on a host with the given answers. */
function leasesOn(answer: (script: Script) => { code: number; stderr?: string; timedOut?: boolean }) {
  const calls = new EventEmitter()
  const seen: string[] = []
  const leases = new Leases((user, [script]) => {
    seen.push(`${user ?? 'login'}: ${script?.text ?? ''}`)
    calls.emit('call')
    const { code, stderr = '', timedOut = false } = answer(script!)
    return Promise.resolve([{ code, stdout: '', stderr, timedOut }])
  })
  return { leases, seen, called: () => once(calls, 'call') }
}

describe('leases', () => {
  it('renews held leases as the user who acquired them, and releases them once', async () => {
    const { leases, seen, called } = leasesOn(() => ({ code: 0 }))
    leases.expect(lease, 'root')
    leases.confirm(lease)
    await called()
    await called()
    expect(await leases.releaseAll()).to.deep.equal([])
    expect(seen.slice(0, 2)).to.deep.equal(['root: renew', 'root: renew'])
    expect(seen.at(-1)).to.equal('root: release')
    expect(await leases.releaseAll()).to.deep.equal([])
    expect(seen.filter((call) => call.endsWith('release'))).to.have.length(1)
  })

  it('releases a lease even if it is not known whether it was acquired', async () => {
    const { leases, seen } = leasesOn(() => ({ code: 0 }))
    leases.expect(lease, undefined)
    await leases.releaseAll()
    expect(seen).to.deep.equal(['login: release'])
  })

  it('stops renewing a lease that a step released', async () => {
    const { leases, seen } = leasesOn(() => ({ code: 0 }))
    leases.expect(lease, undefined)
    leases.confirm(lease)
    leases.forget(lease.name)
    await leases.releaseAll()
    expect(seen).to.deep.equal([])
  })

  it('throws for every step that relies on a lost lease', async () => {
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

  it('returns the guard and the environment of the held leases', () => {
    const { leases } = leasesOn(() => ({ code: 0 }))
    leases.expect(lease, 'root')
    expect([leases.guard(), leases.environment()]).to.deep.equal([undefined, {}])
    leases.confirm(lease)
    leases.expect({ ...lease, name: 'another', renew: sh`renew it` }, 'root')
    leases.confirm({ ...lease, name: 'another' })
    expect(leases.guard()).to.deep.equal(sh`renew\nrenew it`)
    expect(leases.environment()).to.deep.equal({ HOLDER: 'me' })
    leases.forget('another')
    leases.forget(lease.name)
    expect([leases.guard(), leases.environment()]).to.deep.equal([undefined, {}])
  })

  it('counts all leases as lost after a guard stopped a step', async () => {
    const { leases, seen } = leasesOn(() => ({ code: 0 }))
    leases.expect(lease, 'root')
    leases.confirm(lease)
    expect(leases.lose('bob holds it now\n')).to.include({
      message: 'the lock of /srv/shop was lost: bob holds it now',
      exitCode: ExitCode.locked,
    })
    expect(() => {
      leases.demandAll()
    }).to.throw(TaskFailure, 'bob holds it now')
    expect(await leases.releaseAll()).to.deep.equal([])
    expect(seen).to.deep.equal([])
  })

  it('names the leases that an unreachable host could not release', async () => {
    const leases = new Leases(() => Promise.reject(new ConnectionError('web', 'lost', 'web: gone')))
    leases.expect(lease, 'root')
    expect(await leases.releaseAll()).to.deep.equal([
      'could not release the lock of /srv/shop: the host is unreachable',
    ])
  })

  it('names the leases that could not be released, with the error of the host', async () => {
    const { leases } = leasesOn(() => ({ code: 127, stderr: 'flock: not found\n' }))
    leases.expect(lease, 'root')
    expect(await leases.releaseAll()).to.deep.equal([
      'could not release the lock of /srv/shop: flock: not found',
    ])
  })

  it('keeps a lease if the full disk of the host prevents one renewal', async () => {
    let renewals = 0
    const called = new EventEmitter()
    const leases = new Leases(() => {
      renewals += 1
      called.emit('call')
      const noRoom = new UserError('web: no space left for the files of a task in /tmp')
      return renewals === 1
        ? Promise.reject(noRoom)
        : Promise.resolve([{ code: 0, stdout: '', stderr: '', timedOut: false }])
    })
    leases.expect(lease, 'root')
    leases.confirm(lease)
    await once(called, 'call')
    await once(called, 'call')
    leases.demandAll()
    leases.forget(lease.name)
  })

  it('names the leases that could not be released because the disk of the host is full', async () => {
    const leases = new Leases(() => Promise.reject(new UserError('web: no space left')))
    leases.expect(lease, 'root')
    expect(await leases.releaseAll()).to.deep.equal([
      'could not release the lock of /srv/shop: web: no space left',
    ])
  })

  it('keeps a lease if one renewal times out on a busy host', async () => {
    const { leases, called } = leasesOn(() => ({ code: 124, timedOut: true }))
    leases.expect(lease, 'root')
    leases.confirm(lease)
    await called()
    await called()
    leases.demandAll()
    leases.forget(lease.name)
  })

  it('reports the lease that was lost first', async () => {
    const { leases } = leasesOn(() => ({ code: 0 }))
    for (const name of ['one', 'two']) {
      leases.expect({ ...lease, name }, 'root')
      leases.confirm({ ...lease, name })
    }
    expect(leases.lose('bob holds it\n').message).to.equal('one and two was lost: bob holds it')
    expect(leases.lose('ann holds it\n').message).to.equal('one and two was lost: bob holds it')
    expect(await leases.releaseAll()).to.deep.equal([])
  })

  it('reports the exit code of a host that cannot release a lease and says nothing', async () => {
    const { leases } = leasesOn(() => ({ code: 3, stderr: ' \n' }))
    leases.expect(lease, 'root')
    expect(await leases.releaseAll()).to.deep.equal(['could not release the lock of /srv/shop: exit code 3'])
    const silent = new Leases(() => Promise.resolve([]))
    silent.expect(lease, 'root')
    expect(await silent.releaseAll()).to.deep.equal([
      'could not release the lock of /srv/shop: exit code unknown',
    ])
  })

  it('throws an error of this program while it releases a lease', async () => {
    const leases = new Leases(() => Promise.reject(new TypeError('a mistake')))
    leases.expect(lease, 'root')
    expect(await leases.releaseAll().catch(String)).to.equal('TypeError: a mistake')
  })

  it('neither renews nor releases a lost lease again', async () => {
    const { leases, seen, called } = leasesOn(() => ({ code: 1, stderr: 'ann holds it' }))
    leases.expect(lease, 'root')
    leases.confirm(lease)
    await called()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(await leases.releaseAll()).to.deep.equal([])
    expect(seen).to.deep.equal(['root: renew'])
  })

  it('does not renew a lease again that was released during a renewal', async () => {
    const calls = new EventEmitter()
    let answer: (code: number) => void = () => undefined
    let renewals = 0
    const leases = new Leases(() => {
      renewals += 1
      return new Promise((resolve) => {
        answer = (code) => {
          resolve([{ code, stdout: '', stderr: 'ann holds it', timedOut: false }])
        }
        calls.emit('call')
      })
    })
    for (const code of [0, 1]) {
      leases.expect(lease, 'root')
      leases.confirm(lease)
      await once(calls, 'call')
      leases.forget(lease.name)
      answer(code)
      await new Promise((resolve) => setTimeout(resolve, 20))
      leases.demandAll()
    }
    expect(renewals).to.equal(2)
  })

  it('stops renewing a lease after the connection was lost', async () => {
    const calls = new EventEmitter()
    let renewals = 0
    const leases = new Leases(() => {
      renewals += 1
      calls.emit('call')
      return Promise.reject(new ConnectionError('web', 'lost', 'web: gone'))
    })
    leases.expect(lease, 'root')
    leases.confirm(lease)
    await once(calls, 'call')
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(renewals).to.equal(1)
    leases.demandAll()
    leases.forget(lease.name)
  })
})
