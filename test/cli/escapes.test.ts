import { EventEmitter } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { expect } from 'chai'

import type { CommandProcess } from '../../src/cli/terminal.ts'
import { command } from './fake-terminal.ts'

/**
 * Sequences that set the window title and the clipboard, clear the screen, forge a line and switch to the alternate
 * screen; then a C1 character and a change of the text direction.
 */
const attack =
  '\u001b]0;PWNED\u0007\u001b[2J\u001b[H  ok   fake\u001b]52;c;ZXZpbA==\u0007\u001b[?1049h\u009b1m\u202e'
const obeyed = /(?!\n)[\p{Cc}\p{Cf}]/u

describe('text from a host', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hostwright-escapes-'))
  })
  after(async () => {
    await rm(folder, { recursive: true })
  })

  async function run(tasks: readonly object[], ...options: readonly string[]) {
    const playbook = join(folder, 'escapes.yml')
    await writeFile(
      playbook,
      JSON.stringify([{ hosts: 'localhost', connection: 'local', gather_facts: false, tasks }]),
    )
    return command('run', playbook, '-i', 'localhost,', '-c', 'local', ...options)
  }

  const sources: readonly [string, readonly object[], readonly string[]][] = [
    ['standard output', [{ command: { argv: ['sh', '-c', `printf %s '${attack}'; exit 1`] } }], []],
    ['standard error', [{ command: { argv: ['sh', '-c', `printf %s '${attack}' >&2; exit 1`] } }], []],
    [
      'a registered variable that debug prints',
      [
        { command: { argv: ['printf', '%s', attack] }, register: 'said' },
        { debug: { msg: '<%= said.stdout %>' } },
        { debug: { var: 'said' } },
      ],
      ['-v'],
    ],
    ['an item of a loop', [{ debug: { msg: '<%= item %>' }, loop: [attack] }], []],
    ['the name of a task', [{ name: attack, debug: { msg: 'x' } }], []],
    ['the message of fail', [{ fail: { msg: attack } }], []],
  ]
  for (const [source, tasks, options] of sources)
    for (const output of ['text', 'jsonl'])
      it(`escapes text from a host: ${source}, as ${output}`, async () => {
        const { stdout, stderr } = await run(tasks, '--output', output, ...options)
        expect(stdout).to.contain(output === 'text' ? '\\x1b]0;PWNED\\x07' : '\\u001b]0;PWNED\\u0007')
        expect(stdout).to.contain(output === 'text' ? '\\x9b1m\\u202e' : '\\u009b1m\\u202e')
        expect(stdout + stderr).not.to.match(obeyed)
        if (output === 'jsonl') for (const line of stdout.trimEnd().split('\n')) JSON.parse(line)
      })

  it('escapes text from a host: the diff of a file', async () => {
    const file = join(folder, 'diff.txt')
    await writeFile(file, `${attack}\n`)
    const { stdout } = await run([{ copy: { content: 'plain\n', dest: file } }], '--diff', '--check')
    expect(stdout).to.contain('-\\x1b]0;PWNED').and.not.to.match(obeyed)
  })

  it('escapes text from a host: the scripts of --show-commands', async () => {
    const { stdout } = await run([{ shell: `: '${attack}'` }], '--show-commands')
    expect(stdout).to.contain('\\x1b]0;PWNED').and.not.to.match(obeyed)
  })
})

describe('text from the command line or the playbook', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hostwright-escapes-'))
    await writeFile(
      join(folder, 'names.yml'),
      JSON.stringify([{ name: attack, hosts: attack, tasks: [{ name: attack, fail: {} }] }]),
    )
    await writeFile(
      join(folder, 'list.yml'),
      JSON.stringify([{ name: attack, hosts: 'all', tasks: [{ name: attack, fail: {} }] }]),
    )
  })
  after(async () => {
    await rm(folder, { recursive: true })
  })

  const cases: readonly (readonly string[])[] = [
    ['deploy', '--tag', attack],
    ['ping', attack, '-i', 'web1,'],
    ['ping', '-i', '127.0.0.1:1,', '-u', attack],
    [attack],
    ['run', 'names.yml', '-i', 'web1,'],
    ['run', 'list.yml', '-i', 'web1,', '--list-tasks'],
    ['run', 'list.yml', '-i', 'web1,', '--list-hosts'],
  ]
  for (const argv of cases)
    it(`escapes text of the command line or the playbook: ${argv.map((word) => (word === attack ? '…' : word)).join(' ')}`, async () => {
      const { stdout, stderr } = await command(
        ...argv.map((word) => (word.endsWith('.yml') ? join(folder, word) : word)),
      )
      expect(stdout + stderr).not.to.equal('')
      expect(stdout + stderr).not.to.match(obeyed)
    })
})

describe('an uncaught error', () => {
  it('prints an uncaught error like every other error and sets the exit code', async () => {
    const stderr = new PassThrough().setEncoding('utf8')
    const crashing: unknown = Object.assign(new EventEmitter(), {
      stdin: new PassThrough(),
      stdout: new PassThrough(),
      stderr,
      env: {},
      cwd: () => process.cwd(),
    })
    const { runCommandLine } = await import('../../src/cli/command-line.ts')
    const end = runCommandLine(
      ['hook', 'receive', '--repo', '/x', '--tags', 'v*'],
      crashing as CommandProcess,
    )
    ;(crashing as EventEmitter).emit('uncaughtException', new Error(`broken ${attack}`))
    const isHandled = (crashing as EventEmitter).emit('uncaughtException', new Error('another one'))
    expect(isHandled, 'Node.js would print the second error itself').to.equal(true)
    expect(await end).to.equal(70)
    const text = String(stderr.read())
    expect(text)
      .to.match(/^this is a bug in hostwright:\nError: broken \\x1b/)
      .and.not.to.match(obeyed)
  })
})
