import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect } from 'chai'

interface Told {
  readonly exitCode: number
  readonly tasks: readonly { task: string; host: string; status: string; msg: string }[]
}

/** The heap in MB: less than the answers of each of these runs occupy. */
const heap = 256

const print32MB = 'head -c 16777216 /dev/zero | tr "\\0" a; head -c 16777216 /dev/zero | tr "\\0" b >&2'

function run(hosts: number, tasks: string): Told {
  const program = join(import.meta.dirname, 'heap-limited-run.ts')
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [`--max-old-space-size=${heap}`, '--import=tsx', program, String(hosts)],
    {
      input: `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks}`,
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    },
  )
  expect(status, stderr.slice(-2000)).to.equal(0)
  return JSON.parse(stdout) as Told
}

describe('a run with more results than the memory of the controller can hold', () => {
  it('fails the task on a host whose registered results exceed 64 MB, and continues on the others', () => {
    const { tasks, exitCode } = run(
      2,
      `
    - name: Print a little
      ansible.builtin.command: { argv: [echo, little] }
      register: little
${['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten']
  .map(
    (name) => `
    - name: Print into ${name}
      ansible.builtin.shell: ${JSON.stringify(print32MB)}
      register: ${name}
      when: inventory_hostname === 'web1'
`,
  )
  .join('')}
    - name: Look
      ansible.builtin.assert: { that: "little.stdout === 'little'" }
`,
    )
    const failed = tasks.filter(({ status }) => status === 'failed')
    expect(failed).to.have.length(1)
    expect(failed[0]).to.include({ host: 'web1' })
    expect(failed[0]?.msg).to.match(
      /^cannot register '\w+': the stored results of web1 exceed 64 MB\n.*register fewer results/,
    )
    expect(tasks.find(({ task, host }) => task === 'Look' && host === 'web2')).to.include({ status: 'ok' })
    expect(exitCode).to.equal(1)
  }).timeout(120_000)

  it('fails hosts whose registered results together exceed a quarter of the heap', () => {
    const { tasks } = run(
      16,
      `
    - name: Print a lot
      ansible.builtin.shell: ${JSON.stringify(print32MB)}
      register: lot
      when: inventory_hostname !== 'web16'
    - name: Print a little
      ansible.builtin.command: { argv: [echo, little] }
      register: little
      ignore_errors: true
    - name: Look
      ansible.builtin.assert: { that: "little.stdout === 'little'" }
`,
    )
    const failed = tasks.filter(({ status }) => status === 'failed')
    expect(failed.length).to.be.within(10, 15)
    for (const { msg } of failed) expect(msg).to.match(/the stored results of all hosts exceed \d+ MB/)
    expect(tasks.find(({ task, host }) => task === 'Look' && host === 'web16')).to.include({ status: 'ok' })
  }).timeout(240_000)

  it('fails the loop items whose results do not fit in memory, and runs the other items', () => {
    const { tasks } = run(
      1,
      `
    - name: Print in a loop
      ansible.builtin.shell: ${JSON.stringify(print32MB)}
      loop: "<%= Array.from({ length: 12 }, (_, index) => index) %>"
      register: printed
      ignore_errors: true
    - name: Look
      ansible.builtin.assert:
        that:
          - printed.results.length === 12
          - '!printed.results[0].failed'
          - printed.results[11].failed
          - printed.results[11].msg.includes('exceed 64 MB')
`,
    )
    expect(tasks[0]).to.include({ status: 'failed' })
    expect(tasks[0]?.msg).to.include('the stored results of web1 exceed 64 MB')
    expect(tasks[1]).to.include({ status: 'ok' })
  }).timeout(120_000)

  it('keeps the status of loop items if the result is not registered', () => {
    const { tasks } = run(
      1,
      `
    - name: Print in a loop
      ansible.builtin.shell: ${JSON.stringify(print32MB)}
      loop: "<%= Array.from({ length: 12 }, (_, index) => index) %>"
`,
    )
    expect(tasks[0]).to.include({ status: 'changed' })
  }).timeout(120_000)

  it('frees the previous value of a registered variable', () => {
    const { tasks } = run(
      1,
      ['one', 'two', 'three', 'four', 'five']
        .map(
          (name) => `
    - name: Print ${name}
      ansible.builtin.shell: ${JSON.stringify(print32MB)}
      register: again
`,
        )
        .join(''),
    )
    expect(tasks.map(({ status }) => status)).to.deep.equal(Array(5).fill('changed'))
  }).timeout(120_000)
})
