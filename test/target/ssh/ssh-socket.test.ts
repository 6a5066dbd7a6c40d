import { getEventListeners, once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { expect } from 'chai'

import type { LoginPlan } from '../../../src/target/ssh/ssh-login.ts'
import { describeSocketError, openSocket } from '../../../src/target/ssh/ssh-socket.ts'
import { controlHostTime } from '../host-time-control.ts'

describe('describeSocketError', () => {
  const cases: [code: string, problem: string, message: string][] = [
    ['ENOTFOUND', 'address', 'web1: cannot resolve web1.internal'],
    ['EAI_AGAIN', 'address', 'web1: cannot resolve web1.internal'],
    ['ECONNREFUSED', 'refused', 'web1: nothing listens on web1.internal port 22'],
    ['EHOSTUNREACH', 'address', 'web1: no route to web1.internal'],
    ['ENETUNREACH', 'address', 'web1: no route to web1.internal'],
    ['ETIMEDOUT', 'timeout', 'web1: web1.internal port 22 does not answer'],
    ['EACCES', 'refused', 'web1: could not connect to web1.internal port 22: permission denied'],
  ]
  for (const [code, problem, message] of cases)
    it(`explains ${code}`, () => {
      const cause = Object.assign(new Error('permission denied'), { code })
      const error = describeSocketError('web1', 'web1.internal', 22, cause)
      expect(error).to.include({ problem, message, cause })
    })
})

describe('openSocket', () => {
  const time = controlHostTime()
  let server: Server
  let plan: LoginPlan

  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    plan = { resolved: { name: 'web1', address: '127.0.0.1', port }, seconds: 10 } as LoginPlan
  })
  afterEach(() => {
    server.close()
  })

  it('leaves no listener and no timer after the socket is connected', async () => {
    const { signal } = new AbortController()
    const socket = await openSocket(plan, signal)
    expect(socket.listenerCount('error')).to.equal(0)
    expect(getEventListeners(signal, 'abort')).to.deep.equal([])
    expect(time.timers).to.equal(0)
    socket.destroy()
  })

  it('sends consecutive writes in one packet', async () => {
    const received = once(server, 'connection').then(async ([socket]) => once(socket as never, 'data'))
    const socket = await openSocket(plan, undefined)
    for (const piece of ['a', 'b', 'c']) socket.write(piece)
    expect(String((await received)[0])).to.equal('abc')
    socket.destroy()
  })

  it('can be aborted, and leaves no timer', async () => {
    const controller = new AbortController()
    const opening = openSocket(plan, controller.signal)
    controller.abort(new Error('enough'))
    expect(await opening.catch((error: unknown) => error)).to.have.property('message', 'enough')
    expect(time.timers).to.equal(0)
  })
})
