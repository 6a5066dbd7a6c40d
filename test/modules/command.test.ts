import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'

import { command } from '../../src/modules/command.ts'
import { shell } from '../../src/modules/shell.ts'
import { attachedText } from '../attachments.ts'
import { converge, settled, lint, plan, shells } from './harness.ts'

describe('a command', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "command's "))
  })
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true })
  })

  it('registers its output and exit code', async () => {
    const { result } = await converge(command, { cmd: `printf 'one\\ntwo\\n\\n'` })
    expect(result).to.deep.include({ rc: 0, stdout: 'one\ntwo', stdout_lines: ['one', 'two'], stderr: '' })
  })

  it('keeps line breaks at the end with strip_empty_ends: false', async () => {
    const { result } = await converge(command, { cmd: `printf 'one\\n\\n'`, strip_empty_ends: false })
    expect(result).to.deep.include({ stdout: 'one\n\n', stdout_lines: ['one', ''] })
  })

  it('always reports a transient change', () => {
    const { changes } = plan(command, { cmd: 'true' })
    expect(changes).to.deep.equal([{ field: 'command', before: null, after: 'true', transient: true }])
  })

  for (const program of shells) {
    it(`passes special characters in arguments unchanged under ${program}`, async () => {
      const words = ["it's", '"', '$(id)', '`id`', '$HOME', '*', '-n', '--', 'é\n€', '', '\\', ' ']
      const { result } = await converge(
        command,
        { argv: ['printf', '%s|', ...words], strip_empty_ends: false },
        { shell: program },
      )
      expect(result['stdout']).to.equal(words.map((word) => `${word}|`).join(''))
    })

    it(`passes stdin unchanged under ${program}`, async () => {
      const given = { cmd: 'cat', stdin: "it's $(id)\n-é" }
      expect((await converge(command, given, { shell: program })).result['stdout']).to.equal("it's $(id)\n-é")
    })
  }

  it('passes any arguments unchanged', async () => {
    const argument = fc
      .string({ unit: 'binary' })
      .filter(
        (text) => !text.includes('\0') && !text.startsWith('~') && Buffer.from(text).toString() === text,
      )
    await fc.assert(
      fc.asyncProperty(fc.array(argument, { maxLength: 5 }), async (words) => {
        const given = { argv: ['printf', '%s|', 'x', ...words], strip_empty_ends: false }
        expect((await converge(command, given)).result['stdout']).to.equal(
          ['x', ...words].map((word) => `${word}|`).join(''),
        )
      }),
      { numRuns: 20 },
    )
  })

  it('has an empty standard input without stdin', async () => {
    expect((await converge(command, { cmd: 'wc -c' })).result['stdout']).to.match(/^\s*0$/)
  })

  it('runs in the directory chdir', async () => {
    expect((await converge(command, { cmd: 'pwd', chdir: directory })).result['stdout']).to.equal(directory)
  })

  it('runs in the home directory without chdir, or in / if there is none', async () => {
    const home = (await converge(shell, { cmd: 'echo ~' })).result['stdout']
    expect((await converge(command, { cmd: 'pwd' })).result['stdout']).to.equal(home)
    expect((await converge(shell, { cmd: 'pwd' })).result['stdout']).to.equal(home)
    const [step] = plan(command, { cmd: 'pwd' }).steps
    for (const nowhere of ['/nonexistent', ''])
      expect(
        execFileSync('sh', ['-c', step!.script.text], {
          env: { ...process.env, HOME: nowhere },
          encoding: 'utf8',
        }),
      ).to.match(nowhere === '' ? /^\// : /^\/\n$/)
  })

  it('replaces ~ at the beginning of a word by the home directory', async () => {
    const words = ['~', "~/it's", 'a~', '~other', '$HOME']
    const { stdout } = (await converge(command, { argv: ['printf', '%s|', ...words] })).result
    const home = String((await converge(shell, { cmd: 'echo ~' })).result['stdout'])
    expect(stdout).to.equal(`${home}|${home}/it's|a~|~other|$HOME|`)
  })

  it('runs in a directory to which a symlink points', async () => {
    symlinkSync(directory, join(directory, 'link'))
    expect(
      (await converge(command, { cmd: 'ls', chdir: join(directory, 'link') })).result['stdout'],
    ).to.equal('link')
  })

  it('fails if its directory does not exist', () => {
    expect(() => plan(command, { cmd: 'pwd', chdir: join(directory, 'none') })).to.throw(
      /none: it does not exist/,
    )
  })

  it('does not run if the file in creates exists', async () => {
    writeFileSync(join(directory, 'a file'), '')
    const given = { cmd: 'false', creates: join(directory, 'a file') }
    expect(await converge(command, given)).to.deep.include({ changes: [] })
    expect((await converge(command, given)).result).to.deep.include({ rc: 0, stdout: '' })
  })

  it('does not run if the pattern in creates matches', () => {
    writeFileSync(join(directory, 'release 12'), '')
    expect(plan(command, { cmd: 'false', creates: join(directory, 'release *') }).changes).to.be.empty
    expect(plan(command, { cmd: 'false', creates: 'release ?[0-9]', chdir: directory }).changes).to.be.empty
    expect(plan(command, { cmd: 'true', creates: join(directory, 'other *') }).changes).to.have.length(1)
  })

  it('does not run if the file in removes does not exist', () => {
    expect(plan(command, { cmd: 'false', removes: join(directory, 'gone') }).changes).to.be.empty
    writeFileSync(join(directory, 'here'), '')
    expect(plan(command, { cmd: 'true', removes: join(directory, 'here') }).changes).to.have.length(1)
    expect(plan(command, { cmd: 'true', removes: join(directory, 'h*') }).changes).to.have.length(1)
  })

  it('declares that it may change anything', () => {
    const [step] = plan(command, { cmd: 'make install' }).steps
    expect(step?.writes).to.deep.equal([
      { type: 'scope', scope: 'anything', until: "'make install' has run" },
    ])
  })

  it('registers only the command itself in a dry run', () => {
    const { params, changes, state } = plan(command, { cmd: 'date' })
    expect(command.result?.({ params, changes, state, outputs: [] })).to.deep.equal({ cmd: ['date'] })
  })

  it('has scripts that pass shellcheck', () => {
    for (const step of plan(command, { cmd: "make it's' way", chdir: '/', stdin: 'x' }).steps)
      lint(step.script)
  })

  const wrong: [object, string | RegExp][] = [
    [{}, 'expected a command'],
    [{ cmd: 'a', argv: ['a'] }, "'cmd' and 'argv' exclude each other"],
    [{ cmd: "it's" }, "invalid command line: unclosed quote '"],
    [{ cmd: 'a', creates: 'relative' }, /expected an absolute path/],
    [{ cmd: 'a', chdir: 'relative' }, /expected an absolute path/],
  ]
  for (const [given, message] of wrong) {
    it(`rejects ${JSON.stringify(given)}`, () => {
      expect(() => command.params.parse(given)).to.throw(message)
    })
  }
})

describe('a shell command', () => {
  for (const program of shells) {
    it(`runs a script of several lines under ${program}`, async () => {
      const cmd = `for word in "it's" '$x' é; do\n  echo "$word" | tr a-z A-Z\ndone >&2\nexit 0`
      const { result } = await converge(shell, { cmd }, { shell: program })
      expect(result['stderr_lines']).to.deep.equal(["IT'S", '$X', 'é'])
    })
  }

  it('runs under the shell in executable', async () => {
    const { result } = await converge(shell, { cmd: 'echo "${BASH_VERSION:+bash}"', executable: '/bin/bash' })
    expect(result['stdout']).to.equal('bash')
  })

  it('does not appear in the arguments of a process', () => {
    const [step] = plan(shell, { cmd: 'echo hunter2' }).steps
    expect(step?.script.text).not.to.include('hunter2')
    expect(attachedText(step?.script, 'command')).to.equal('echo hunter2')
  })

  it('fails with the exit code of the script', async () => {
    expect(await settled(() => converge(shell, { cmd: 'echo no >&2; exit 3' }))).to.throw(/exit code 3\nno/)
  })

  it('has scripts that pass shellcheck', () => {
    for (const step of plan(shell, { cmd: 'echo' }).steps) lint(step.script)
  })
})
