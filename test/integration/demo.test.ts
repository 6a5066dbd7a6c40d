import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'

import { home, makeHome } from '../../src/sandbox/machines-folder.ts'
import { hostwright, project } from './command.ts'
import { greeting, siteHost } from './site.ts'

describe('npm run demo', () => {
  let folder: string
  let env: NodeJS.ProcessEnv

  before(async () => {
    await makeHome()
    // a separate home: its machine has the name of the host in the shipped inventory, which a rehearsal may use
    folder = await mkdtemp(`${home()}-demo-`)
    await symlink(home('images'), join(folder, 'images'))
    env = { ...process.env, HOSTWRIGHT_SANDBOX_HOME: folder }
  })
  after(async () => {
    // the machine still exists if the demo failed
    await hostwright(['sandbox', 'down', siteHost], { env })
    await rm(folder, { recursive: true, force: true })
  })

  it('configures a bare server, shows its page, and then finds nothing to change', async () => {
    const { stdout } = await promisify(execFile)('npm', ['run', 'demo'], { cwd: project, env })
    expect(stdout).to.match(/First run:[^]*^RECAP[^]*changed=[1-9]\d* /m)
    expect(stdout).to.include(greeting)
    expect(stdout).to.match(/Second run:[^]*^RECAP[^]*changed=0 /m)
  })
})
