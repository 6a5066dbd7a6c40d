import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect } from 'chai'

import { identify, isAlive } from '../../../src/sandbox/machine/process-identity.ts'

describe('the identity of a process', () => {
  it('holds as long as the process lives', async () => {
    const child = spawn('cat')
    const identity = await identify(child.pid!)
    expect(await isAlive(identity)).to.equal(true)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(await isAlive(identity)).to.equal(false)
  })

  it('is not that of a later process with the same number', async () => {
    const earlier = { ...(await identify(process.pid)), startedAt: '1' }
    expect(await isAlive(earlier)).to.equal(false)
  })

  it('is read also where the name of the program holds spaces and parentheses', async () => {
    const child = spawn('sh', ['-c', 'printf ") S 9 (" >/proc/$$/comm && echo renamed && read -r word'])
    await once(child.stdout, 'data')
    const { startedAt } = await identify(child.pid!)
    child.kill()
    expect(Number(startedAt)).to.be.greaterThan(Number((await identify(process.pid)).startedAt) - 1)
  })
})
