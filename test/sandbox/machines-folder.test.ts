import { chmod, chown, mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Context } from 'mocha'

import { home, makeHome } from '../../src/sandbox/machines-folder.ts'

describe('the state folder of throw-away machines', () => {
  const configured = process.env['HOSTWRIGHT_SANDBOX_HOME']
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hostwright-home-'))
    process.env['HOSTWRIGHT_SANDBOX_HOME'] = folder
  })
  afterEach(async () => {
    if (configured === undefined) delete process.env['HOSTWRIGHT_SANDBOX_HOME']
    else process.env['HOSTWRIGHT_SANDBOX_HOME'] = configured
    await rm(folder, { recursive: true })
  })

  it('lets no other user read its folders, even if it is world-readable itself', async () => {
    await chmod(folder, 0o755)
    await mkdir(home('machines'), { mode: 0o755 })
    await makeHome()
    const folders = ['images', 'machines', 'snapshots', 'trash']
    const modes = await Promise.all(folders.map(async (name) => (await stat(home(name))).mode & 0o777))
    expect(modes).to.deep.equal([0o700, 0o700, 0o700, 0o700])
  })

  const strangers = {
    'that every user can change': async () => {
      await chmod(folder, 0o1777)
    },
    'that its group can change': async () => {
      await chmod(folder, 0o770)
    },
    'of another user': async (context: Context) => {
      if (process.getuid?.() !== 0) context.skip()
      await chown(folder, 65_534, 65_534)
    },
  }
  for (const [which, prepare] of Object.entries(strangers))
    it(`is not created in a folder ${which}`, async function () {
      await prepare(this)
      const refusal = await makeHome().then(
        () => 'none',
        (error: unknown) => (error as Error).message,
      )
      expect(refusal).to.equal(`throw-away machines in ${folder}: other users can change the folder`)
    })
})
