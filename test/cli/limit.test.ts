import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { command, type Run } from './fake-terminal.ts'

describe('a limit', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'hostwright-limit-'))
    const plays =
      '- hosts: localhost\n  name: build\n  tasks: []\n- hosts: all\n  name: deploy\n  tasks: []\n'
    writeFileSync(join(folder, 'play.yml'), plays)
  })
  after(() => {
    rmSync(folder, { recursive: true })
  })

  function list(inventory: string, limit: string): Promise<Run> {
    return command('run', join(folder, 'play.yml'), '-i', inventory, '-l', limit, '--list-hosts')
  }

  it('excludes hosts, but not the controller if the inventory does not name it', async () => {
    expect(await list('web1,web2,', 'web2')).to.include({
      code: 0,
      stdout: 'play build (1)\n  localhost\nplay deploy (1)\n  web2\n',
    })
  })

  it('excludes the controller if the inventory names it', async () => {
    expect((await list('web1,localhost,', 'web1')).stdout).to.equal(
      'play build (0)\nplay deploy (1)\n  web1\n',
    )
  })

  it('reports a limit that leaves only the controller', async () => {
    const { code, stderr } = await list('web1,web2,', 'web1:!web1')
    expect(stderr).to.include("no host of 'all' matches the limit 'web1:!web1'")
    expect(code).not.to.equal(0)
  })
})
