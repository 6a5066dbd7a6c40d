import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect } from 'chai'

import { Rehearsal } from './rehearsal.ts'

describe('endless output and files of a host', () => {
  let rehearsal: Rehearsal

  beforeEach(() => {
    rehearsal = new Rehearsal()
    execFileSync('ln', ['-s', '/dev/zero', join(rehearsal.folder, 'zero')])
    execFileSync('mkfifo', [join(rehearsal.folder, 'fifo')])
  })
  afterEach(() => {
    rehearsal.remove()
  })

  for (const [title, task, status] of [
    ['the output of a command', 'ansible.builtin.command: { argv: [cat, /dev/zero] }', 'failed'],
    ['the stderr of a command', 'ansible.builtin.shell: cat /dev/zero >&2', 'failed'],
    [
      'the output of a validation',
      'ansible.builtin.copy: { dest: "<%= folder %>/new", content: x, validate: "cat %s /dev/zero" }',
      'failed',
    ],
    [
      'the stderr of a validation',
      'ansible.builtin.copy: { dest: "<%= folder %>/new", content: x, validate: "sh -c \'cat /dev/zero >&2\' %s" }',
      'failed',
    ],
    [
      'a file in creates',
      'ansible.builtin.command: { argv: ["true"], creates: "<%= folder %>/zero" }',
      'ok|skipped',
    ],
    [
      'a FIFO in creates',
      'ansible.builtin.command: { argv: ["true"], creates: "<%= folder %>/fifo" }',
      'ok|skipped',
    ],
    [
      'the device of lineinfile',
      'ansible.builtin.lineinfile: { path: "<%= folder %>/zero", line: x }',
      'failed',
    ],
    [
      'the FIFO of lineinfile',
      'ansible.builtin.lineinfile: { path: "<%= folder %>/fifo", line: x }',
      'failed',
    ],
    [
      'the FIFO of copy',
      'ansible.builtin.copy: { dest: "<%= folder %>/fifo", content: x }',
      'failed|changed',
    ],
    [
      'the device of wait_for',
      'ansible.builtin.wait_for: { path: "<%= folder %>/zero", search_regex: x, timeout: 1 }',
      'failed',
    ],
  ] as const)
    it(`gives up soon if ${title} is endless, and runs the next task`, async () => {
      const run = await rehearsal.run(`
- hosts: all
  gather_facts: false
  tasks:
    - name: Endless
      ${task}
      ignore_errors: true
    - name: Next
      ansible.builtin.command: { argv: [echo, next] }
`)
      expect(run.tasks[0]!.status).to.match(new RegExp(`^(${status})$`))
      expect(JSON.stringify(run.tasks[0])).to.have.length.below(50_000)
      expect(run.tasks[1]).to.include({ status: 'changed' })
    }).timeout(30_000)
})
