import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { withLock, withLockIfFree } from '../src/process-lock.ts'

describe('withLock', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hostwright-lock-'))
  })
  after(async () => {
    await rm(folder, { recursive: true })
  })

  it('runs work one after the other and returns its results', async () => {
    const file = join(folder, 'turns')
    const log: string[] = []
    const work = (name: string) => async () => {
      log.push(`${name} begins`)
      await once(spawn('true'), 'exit')
      log.push(`${name} ends`)
      return name
    }
    const names = await Promise.all(['a', 'b', 'c'].map((name) => withLock(file, work(name))))
    expect(names).to.deep.equal(['a', 'b', 'c'])
    for (let index = 0; index < log.length; index += 2)
      expect(log[index + 1]).to.equal(log[index]!.replace('begins', 'ends'))
  })

  it('rejects with the error of the work and releases the lock', async () => {
    const file = join(folder, 'failed')
    const failure = await withLock(file, () => Promise.reject(new Error('no luck'))).catch(String)
    expect(failure).to.equal('Error: no luck')
    expect(await withLock(file, () => Promise.resolve('done'))).to.equal('done')
  })

  it('reports that it waits, and continues when the process that holds the lock is killed', async () => {
    const file = join(folder, 'killed')
    const lock = join(import.meta.dirname, '../src/process-lock.ts')
    const program = `
      import { withLock, withLockIfFree } from ${JSON.stringify(lock)}
      await withLock(${JSON.stringify(file)}, async () => {
        console.log('locked')
        await new Promise(() => setInterval(() => undefined, 1000))
      })`
    const other = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program])
    await once(other.stdout, 'data')
    let waited = false
    const result = await withLock(file, () => Promise.resolve('done'), {
      onWait: () => {
        waited = true
        other.kill('SIGKILL')
      },
    })
    expect([waited, result]).to.deep.equal([true, 'done'])
  })

  it('locks a file that only this user can open, even if an earlier version created it for all', async () => {
    const [fresh, old] = [join(folder, 'fresh'), join(folder, 'old')]
    await writeFile(old, '', { mode: 0o644 })
    const modes = await withLock(fresh, () =>
      withLock(old, () => Promise.all([fresh, old].map(async (file) => (await stat(file)).mode & 0o777))),
    )
    expect(modes).to.deep.equal([0o600, 0o600])
  })

  it('does not follow a symlink, and reports why it cannot lock', async () => {
    const [link, target] = [join(folder, 'link'), join(folder, 'target')]
    await symlink(target, link)
    const failure = await withLock(link, () => Promise.resolve('done')).catch(String)
    expect(failure).to.match(/^UserError: cannot lock .*link: ELOOP/)
    expect(await readFile(target, 'utf8').catch(() => 'missing')).to.equal('missing')
  })

  it('returns undefined instead of waiting if only a free lock is wanted', async () => {
    const file = join(folder, 'busy')
    const [inner, outer] = await withLock(file, async () => [
      await withLockIfFree(file, () => Promise.resolve('work')),
      'other work',
    ])
    expect([inner, outer]).to.deep.equal([undefined, 'other work'])
    expect(await withLockIfFree(file, () => Promise.resolve('work'))).to.deep.equal({ result: 'work' })
  })
})
