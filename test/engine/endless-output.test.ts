import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect } from 'chai'

import { Rehearsal } from './rehearsal.ts'

describe('Output and files of a host that have no end', () => {
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
    ['a command prints', 'ansible.builtin.command: { argv: [cat, /dev/zero] }', 'failed'],
    ['a command prints on stderr', 'ansible.builtin.shell: cat /dev/zero >&2', 'failed'],
    [
      'a validation prints',
      'ansible.builtin.copy: { dest: "<%= folder %>/new", content: x, validate: "cat %s /dev/zero" }',
      'failed',
    ],
    [
      'a validation prints on stderr',
      'ansible.builtin.copy: { dest: "<%= folder %>/new", content: x, validate: "sh -c \'cat /dev/zero >&2\' %s" }',
      'failed',
    ],
    [
      'a command creates',
      'ansible.builtin.command: { argv: ["true"], creates: "<%= folder %>/zero" }',
      'ok|skipped',
    ],
    [
      'a command creates, as a FIFO,',
      'ansible.builtin.command: { argv: ["true"], creates: "<%= folder %>/fifo" }',
      'ok|skipped',
    ],
    [
      'a line is for a device that',
      'ansible.builtin.lineinfile: { path: "<%= folder %>/zero", line: x }',
      'failed',
    ],
    [
      'a line is for a FIFO that',
      'ansible.builtin.lineinfile: { path: "<%= folder %>/fifo", line: x }',
      'failed',
    ],
    [
      'a content is for a FIFO that',
      'ansible.builtin.copy: { dest: "<%= folder %>/fifo", content: x }',
      'failed|changed',
    ],
    [
      'a search is in a device that',
      'ansible.builtin.wait_for: { path: "<%= folder %>/zero", search_regex: x, timeout: 1 }',
      'failed',
    ],
  ] as const)
    it(`are given up soon when ${title} has no end, and the next task runs`, async () => {
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
