import { userInfo } from 'node:os'
import { expect } from 'chai'

import { openTarget } from '../../src/target/open-target.ts'
import { sh } from '../../src/target/sh.ts'

describe('this machine as a target', () => {
  it('runs scripts as the current user, in one session', async () => {
    const target = await openTarget({ name: 'localhost', connection: 'local' })
    const { username } = userInfo()
    const run = (user?: string) =>
      target.run({
        scripts: [sh`id -un; echo $PPID`],
        timeLimit: 10,
        ...(user === undefined ? {} : { user }),
      })
    const [[first], [second]] = await Promise.all([run(), run(username)])
    expect(first!.stdout).to.match(new RegExp(`^${username}\n`))
    expect(second!.stdout).to.equal(first!.stdout)
    expect(target.statistics().batches).to.equal(2)
    await target.close()
  })

  it('kills the running script when it is closed', async () => {
    const target = await openTarget({ name: 'localhost', connection: 'local' })
    const run = target.run({ scripts: [sh`exec sleep 1000`], timeLimit: 100 })
    const failure = run.catch((error: unknown) => error)
    await target.close()
    expect(await failure).to.have.property('problem', 'lost')
  })

  it('leaves no process when it is closed', async () => {
    const target = await openTarget({ name: 'localhost', connection: 'local' })
    const [outcome] = await target.run({ scripts: [sh`echo $PPID`], timeLimit: 10 })
    const shell = Number(outcome?.stdout)
    expect(() => process.kill(shell, 0)).not.to.throw()
    await target.close()
    expect(() => process.kill(shell, 0)).to.throw('ESRCH')
  })

  it('does nothing for an empty batch', async () => {
    const target = await openTarget({ name: 'localhost', connection: 'local' })
    expect(await target.run({ scripts: [], timeLimit: 10 })).to.deep.equal([])
    await target.close()
  })

  it('does not start after the signal was aborted', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    const failure: unknown = await openTarget({ name: 'localhost', connection: 'local' }, { signal }).catch(
      (error: unknown) => error,
    )
    expect(failure).to.have.property('message', 'enough')
  })
})
