import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { openTarget } from '../../src/target/open-target.ts'
import { sh, type Script } from '../../src/target/sh.ts'

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

  it('runs a script alongside another one as the same user, in a separate session', async () => {
    const target = await openTarget({ name: 'localhost', connection: 'local' })
    const run = async (script: Script, beside: boolean) => {
      const [outcome] = await target.run({ scripts: [script], timeLimit: 30, beside })
      return outcome?.stdout.trim()
    }
    const folder = mkdtempSync(join(tmpdir(), 'hostwright-beside-'))
    const waiting = sh`until [ -e ${`${folder}/done`} ]; do sleep 0.05; done; echo waited`
    const finishing = sh`id -un; : >${`${folder}/done`}`
    try {
      const said = await Promise.all([run(waiting, false), run(finishing, true)])
      expect(said).to.deep.equal(['waited', userInfo().username])
    } finally {
      await target.close()
      rmSync(folder, { recursive: true })
    }
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
    expect(target.statistics().batches).to.equal(0)
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
