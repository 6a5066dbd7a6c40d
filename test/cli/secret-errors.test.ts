import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { command } from './fake-terminal.ts'

describe('a secret in an error before the first connection', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hostwright-secret-errors-'))
    await writeFile(join(folder, 'vars.yml'), 's: !secret Tr0ubadour\n')
  })
  after(async () => {
    await rm(folder, { recursive: true })
  })

  const tasks: readonly (readonly [string, object])[] = [
    ['a path', { file: { path: '<%= s %>', state: 'touch' } }],
    ['a mode', { file: { path: '/x', mode: '<%= s %>' } }],
    ['a port', { wait_for: { port: '<%= s %>' } }],
    ['a folder', { command: { cmd: 'true', chdir: '<%= s %>' } }],
    ['a time to wait', { wait_for: { path: '/x', timeout: '<%= s %>' } }],
    ['a repository', { apt_repository: { repo: '<%= s %>' } }],
    ['privileges', { mysql_user: { name: 'x', priv: '<%= s %>' } }],
    ['the name of a crontab', { cron: { name: 'x', job: 'x', cron_file: '<%= s %>.d' } }],
    ['a state', { service: { name: 'x', state: '<%= s %>' } }],
    ['a loop', { debug: { msg: 'x' }, loop: '<%= s %>' }],
    ['a condition', { debug: { msg: 'x' }, when: 's' }],
    ['a property of it', { debug: { msg: '<%= ({[s]: 1}).other %>' } }],
    ['an error that it throws', { debug: { msg: '<%= (() => { throw new Error(s) })() %>' } }],
  ]
  for (const [title, task] of tasks)
    for (const option of ['--syntax-check', '--check'])
      it(`masks a secret in an error: as ${title}, with ${option}`, async () => {
        const playbook = join(folder, 'playbook.yml')
        const play = { hosts: 'all', gather_facts: false, vars_files: ['vars.yml'], tasks: [task] }
        await writeFile(playbook, JSON.stringify([play]))
        const { code, stdout, stderr } = await command('run', playbook, '-i', 'web1,', '-c', 'local', option)
        expect(stdout + stderr).not.to.contain('Tr0ubadour')
        expect(code).to.be.oneOf([0, 1, 65])
      })

  it('masks a secret in an error: in the address of a host that ping connects to', async () => {
    const inventory = join(folder, 'hosts.yml')
    await writeFile(inventory, 'all:\n  hosts:\n    web1:\n      ansible_host: !secret no such Tr0ubadour\n')
    const { code, stdout, stderr } = await command('ping', '-i', inventory)
    expect(code).to.equal(4)
    expect(stdout + stderr)
      .to.contain('‹secret›')
      .and.not.contain('Tr0ubadour')
  })
})
