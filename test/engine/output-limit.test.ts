import { expect } from 'chai'

import type { Target } from '../../src/target/target.ts'
import { outcomes, Rehearsal } from './rehearsal.ts'

describe('a host with a too long or invalid answer', () => {
  let rehearsal: Rehearsal

  beforeEach(() => {
    rehearsal = new Rehearsal()
  })
  afterEach(() => {
    rehearsal.remove()
  })

  it('fails a command with endless output, gives a hint, and continues with the next task', async () => {
    const run = await rehearsal.run(`
- hosts: all
  gather_facts: false
  tasks:
    - name: Print without end
      ansible.builtin.shell: exec yes
      register: printed
      ignore_errors: true
    - name: Look
      ansible.builtin.assert:
        that: printed.failed && printed.rc === 141 && printed.stdout.length < 10000
`)
    expect(run.tasks[0]).to.include({
      status: 'failed',
      msg: 'stdout exceeds 16 MB: redirect it to a file or print less',
    })
    expect(run.tasks[1]).to.include({ status: 'ok' })
  }).timeout(30_000)

  for (const [title, stdout] of [
    ['is nonsense', 'nonsense\n'],
    ['is a megabyte of lines', '\n'.repeat(1024 * 1024)],
  ] as const) {
    it(`fails only the host whose answer ${title}`, async () => {
      const evil = (target: Target): Target => ({
        ...{ name: target.name, close: () => target.close() },
        run: (batch, signal) =>
          target.name === 'evil'
            ? Promise.resolve(batch.scripts.map(() => ({ code: 0, stdout, stderr: '', timedOut: false })))
            : target.run(batch, signal),
      })
      const run = await rehearsal.run(
        `
- hosts: all
  tasks:
    - name: Make a folder
      ansible.builtin.file: { path: "<%= folder %>/made", state: directory }
`,
        { hosts: ['evil', 'good'], through: evil },
      )
      const of = (host: string) => outcomes({ ...run, tasks: run.tasks.filter((task) => task.host === host) })
      expect(of('good')).to.include('Make a folder: changed')
      expect(of('evil').some((outcome) => outcome.endsWith(': failed'))).to.equal(true)
      expect(JSON.stringify(run.tasks)).to.have.length.below(20_000)
    })
  }
})
