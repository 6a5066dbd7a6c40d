import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect } from 'chai'

import { identify, isAlive } from '../../../src/sandbox/machine/process-identity.ts'

describe('the identity of a process', () => {
  it('is alive as long as the process', async () => {
    const child = spawn('cat')
    const identity = await identify(child.pid!)
    expect(await isAlive(identity)).to.equal(true)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(await isAlive(identity)).to.equal(false)
  })

  it('differs from that of a later process with the same PID', async () => {
    const earlier = { ...(await identify(process.pid)), startedAt: '1' }
    expect(await isAlive(earlier)).to.equal(false)
  })

  it('can be read if the name of the program contains spaces and parentheses', async () => {
    const child = spawn('sh', ['-c', 'printf ") S 9 (" >/proc/$$/comm && echo renamed && read -r word'])
    await once(child.stdout, 'data')
    const { startedAt } = await identify(child.pid!)
    child.kill()
    expect(Number(startedAt)).to.be.greaterThan(Number((await identify(process.pid)).startedAt) - 1)
  })
})
