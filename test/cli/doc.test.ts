import Ajv from 'ajv'
import { expect } from 'chai'

import { modules } from '../../src/modules/index.ts'
import { command } from './fake-terminal.ts'

describe('hostwright doc', () => {
  it('lists every module with its summary', async () => {
    const { code, stdout } = await command('doc')
    expect(code).to.equal(0)
    const names = stdout.split('\n').flatMap((line) => /^\w+/.exec(line) ?? [])
    expect(names).to.deep.equal([...modules.keys()].sort())
    expect(stdout).to.match(/^stat +Registers the state of a path\.$/m)
  })

  it('shows the parameters, the dry run and an example of a module', async () => {
    const { code, stdout } = await command('doc', 'lineinfile')
    expect(code).to.equal(0)
    expect(stdout).to.include('  path  path; required; aliases: dest, destfile, name\n')
    expect(stdout).to.include('  state  present | absent; default: present\n')
    expect(stdout).to.match(/^Dry run\n {2}Decided: /m)
    expect(stdout).to.match(/^Example\n {2}- name: /m)
  })

  it('fits the width of the terminal, and uses no colors if the output is not a terminal', async () => {
    for (const name of modules.keys()) {
      const { stdout } = await command('doc', name)
      const [reference = ''] = stdout.split('\nExample\n')
      expect(Math.max(...reference.split('\n').map((line) => line.length)), name).to.be.at.most(80)
      expect(stdout, name).to.not.include('\u001b')
    }
  })

  it('accepts the name of a module with its collection', async () => {
    const { stdout } = await command('doc', 'ansible.builtin.copy')
    expect(stdout).to.match(/^copy\n/)
  })

  it('suggests the nearest module for an unknown name', async () => {
    const { code, stderr } = await command('doc', 'coppy')
    expect(code).to.equal(64)
    expect(stderr).to.equal("unknown module 'coppy'\ndid you mean 'copy'?\n")
  })

  it('lists the keywords', async () => {
    const { stdout } = await command('doc', '--keywords')
    for (const name of ['hosts', 'loop', 'rescue', 'listen', 'become', 'include_role'])
      expect(stdout).to.match(new RegExp(`^ {2}${name} +\\S`, 'm'))
  })

  it('prints the JSON Schema of the parameters with --output json', async () => {
    const { stdout } = await command('doc', 'group', '--output', 'json')
    const validate = new Ajv().compile(JSON.parse(stdout) as object)
    expect(validate({ name: 'a', gid: 7 })).to.equal(true)
    expect(validate({ name: 'a', gidd: 7 })).to.equal(false)
    expect(validate({ gid: 7 })).to.equal(false)
  })

  it('prints the JSON Schema of playbooks with --output json and no module', async () => {
    const { stdout } = await command('doc', '--output', 'json')
    const validate = new Ajv().compile(JSON.parse(stdout) as object)
    expect(validate([{ hosts: 'all', tasks: [{ group: { name: 'a' } }] }])).to.equal(true)
    expect(validate([{ hosts: 'all', tasks: [{ group: { name: 'a', gidd: 7 } }] }])).to.equal(false)
  })
})
