import { expect } from 'chai'

import type { Target } from '../../src/target/target.ts'
import { SecretSource } from '../../src/yaml/secret-source.ts'
import { outcomes, Rehearsal } from './rehearsal.ts'

describe('the secret of a host', () => {
  let rehearsal: Rehearsal
  beforeEach(() => {
    rehearsal = new Rehearsal()
  })
  afterEach(() => {
    rehearsal.remove()
  })

  const passwords = { a: 'password-of-a', b: 'password-of-b' }
  const play = `
- hosts: all
  vars: {password: "<%= passwords[inventory_hostname] %>"}
  tasks:
    - copy: {dest: "<%= folder %>/<%= inventory_hostname %>", content: "<%= password %>"}
    - {shell: cat, args: {stdin: "<%= password %>"}}
    - {command: printenv PASSWORD, environment: {PASSWORD: "<%= password %>"}}
`

  for (const lookAhead of [true, false])
    it(`sends a secret of one host to no other host, ${lookAhead ? 'with' : 'without'} look-ahead`, async () => {
      const sent: Record<string, string> = {}
      const through = (target: Target): Target => ({
        name: target.name,
        run: (batch, signal) => {
          const texts = batch.scripts.flatMap(({ text, attachments }) => [text, ...attachments.values()])
          sent[target.name] = [sent[target.name], ...texts.map(String)].join('\n')
          return target.run(batch, signal)
        },
        close: () => target.close(),
      })
      const run = await rehearsal.run(play, {
        hosts: ['a', 'b'],
        vars: { passwords },
        secrets: Object.values(passwords),
        lookAhead,
        through,
      })
      expect(outcomes(run).filter((outcome) => !outcome.endsWith(': changed'))).to.deep.equal([])
      expect(sent['a']).to.include(passwords.a).and.not.to.include(passwords.b)
      expect(sent['b']).to.include(passwords.b).and.not.to.include(passwords.a)
    })

  for (const expression of ['password', "hostvars['b'].password"])
    it(`masks a secret that a template reads as ${expression}`, async () => {
      const at = { file: 'vars.yml', line: 1, column: 1 }
      const password = new SecretSource({ type: 'text', text: 'only-in-variables' }, at)
      const play = `- hosts: all\n  tasks: [{debug: {msg: "it is <%= ${expression} %>"}}]\n`
      const { events, tasks } = await rehearsal.run(play, { hosts: ['a', 'b'], vars: { password } })
      expect(tasks.map(({ status }) => status)).to.deep.equal(['ok', 'ok'])
      expect(JSON.stringify(events)).to.include('it is ').and.not.to.include('only-in-variables')
    })
})
