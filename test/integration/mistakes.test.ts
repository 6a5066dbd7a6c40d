import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { hostwright, type CommandResult } from './command.ts'

describe('hostwright run, before the first connection', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hostwright-mistakes-'))
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  async function run(playbook: string, ...options: readonly string[]): Promise<CommandResult> {
    const file = join(folder, 'site.yml')
    writeFileSync(file, playbook)
    const { stderr, ...rest } = await hostwright(['run', file, '-i', 'web1,web2,db1,', ...options])
    return { ...rest, stderr: stderr.replaceAll(`${folder}/`, '') }
  }

  const play = (hosts: string, ...tasks: readonly string[]): string =>
    `- hosts: ${hosts}\n  vars: {site: {name: a}}\n  tasks: [${tasks.join(', ')}]\n`
  const fine = '{debug: {msg: x}}'
  const placesIn = ({ stderr }: CommandResult): string[] => stderr.match(/^\S+:\d+:\d+: .*$/gm) ?? []

  it('reports all mistakes together: those in a file, in its rendered values, and in its hosts', async () => {
    const wrong = await run(play('wbe1', '{comand: id}') + play('web1', '{debug: {msg: "<%= site.nme %>"}}'))
    expect(placesIn(wrong)).to.deep.equal([
      "site.yml:1:10: no such host or group: 'wbe1'",
      "site.yml:3:12: 'comand' is neither a module nor a keyword of a task",
      "site.yml:6:30: 'site.nme' is not defined",
    ])
    expect(wrong.code).to.equal(65)
  })

  it('reports no mistake twice, and no variable that an unreadable task would have set', async () => {
    const wrong = await run(
      play(
        'web1',
        '{comand: id, register: result}',
        '{debug: {msg: "<%= result.stdout %> <%= sitee.name %>"}}',
      ),
    )
    expect(placesIn(wrong)).to.have.length(2)
  })

  it('shows each pattern that matches nothing, with the nearest name', async () => {
    const { code, stderr } = await run(play('wbe1', fine) + play('x*', fine))
    expect(code).to.equal(66)
    expect(stderr).to.contain("2 errors:\nsite.yml:1:10: no such host or group: 'wbe1'\n")
    expect(stderr).to.contain("1 | - hosts: wbe1\n    |          ^\n  did you mean 'web1'?\n")
    expect(stderr).to.contain("site.yml:4:10: no host matches 'x*'")
  })

  it('skips plays without hosts because of the limit, but fails if all are skipped', async () => {
    const both = play('web1', fine) + play('db1', fine)
    const limited = await run(both, '-l', 'db1', '--list-hosts')
    expect(limited).to.deep.include({ code: 0, stdout: 'play web1 (0)\nplay db1 (1)\n  db1\n' })
    const nobody = await run(both, '-l', 'web2')
    expect(nobody.code).to.equal(66)
    expect(nobody.stderr).to.contain("no host of 'web1' matches the limit 'web2'")
  })

  it('reports that there are no mistakes', async () => {
    const checked = await run(play('web1', fine, fine), '--syntax-check')
    expect(checked.stdout).to.match(/^no errors found .*: 1 play, 2 tasks, 1 host\n$/)
    const asJson = await run(play('web1', fine), '--syntax-check', '-o', 'jsonl')
    expect(asJson.stdout).to.equal('')
    expect(asJson.stderr).to.match(/^no errors found/)
  })

  it('accepts facts of interfaces, and rejects misspelled facts', async () => {
    const names = ['eth0.mtu', 'enp1s0.ipv4', 'lo.device', 'br_1a2b.mtu', 'eth0_100?.mtu']
    const possible = names.map((name) => `{debug: {msg: "<%= ansible_${name} %>"}}`)
    expect((await run(play('web1', ...possible), '--syntax-check')).code).to.equal(0)
    const wrong = await run(play('web1', '{debug: {msg: "<%= ansible_os_famly %>"}}'), '--syntax-check')
    expect(wrong.stderr).to.contain("did you mean 'ansible_os_family'?")
  })
})
