import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { expect } from 'chai'

import { ConnectionError } from '../../../src/errors.ts'
import type { Connection, Ending } from '../../../src/target/pipes.ts'
import { sh } from '../../../src/target/sh.ts'
import { openBecomeShell } from '../../../src/target/shell/open-shell.ts'
import { marker } from '../../../src/target/shell/bootstrap.ts'
import type { Shell } from '../../../src/target/shell/shell.ts'
import { describeSudoFailure, sudoCommand } from '../../../src/target/shell/sudo.ts'

describe('sudo', () => {
  let folder: string
  const commands: string[] = []

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hostwright-sudo-'))
    commands.length = 0
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  /** Returns a host whose sudo is this script. */
  function hostWith(fakeSudo: string): Connection {
    writeFileSync(join(folder, 'sudo'), `#!/bin/sh\n${fakeSudo}\n`, { mode: 0o755 })
    return {
      user: 'deploy',
      open(command) {
        commands.push(command)
        const child = spawn('/bin/sh', ['-c', command], {
          env: { ...process.env, PATH: `${folder}:/usr/bin:/bin`, LANG: 'de_DE.UTF-8' },
        })
        child.stdin.on('error', () => undefined)
        const ended = new Promise<Ending>((resolve) => {
          child.on('close', (code) => {
            resolve(code === null ? {} : { code })
          })
        })
        return Promise.resolve({ stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, ended })
      },
      close: () => Promise.resolve(),
    }
  }

  const become = (connection: Connection, password?: string) =>
    openBecomeShell('web1', connection, {
      user: 'root',
      method: 'sudo',
      ...(password === undefined ? {} : { password }),
    })

  async function says(shell: Shell): Promise<string> {
    const [outcome] = await shell.run({ scripts: [sh`echo hello`], timeLimit: 10 })
    shell.close()
    return outcome!.stdout
  }

  // Skips the options up to `--`; the rest is the command.
  const runCommand = 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"'
  const findPrompt = 'prompt=; for word; do [ "$last" != -p ] || prompt=$word; last=$word; done'
  const askPassword = `${findPrompt}; printf %s "$prompt" >&2; IFS= read -r password`

  it('opens a shell without a password, and never waits for a prompt', async () => {
    const shell = await become(hostWith(`[ "$2" = -n ] || exit 1; ${runCommand}`))
    expect(await says(shell)).to.equal('hello\n')
  })

  it('sends the password only after the prompt', async () => {
    const record = join(folder, 'record')
    const host = hostWith(
      `${askPassword}; printf %s "$password" >${record}; env >${record}.env; echo "$@" >${record}.args; ${runCommand}`,
    )
    expect(await says(await become(host, "pass 'word\\"))).to.equal('hello\n')
    expect(readFileSync(record, 'utf8')).to.equal("pass 'word\\")
    for (const visible of [
      commands[0]!,
      readFileSync(`${record}.env`, 'utf8'),
      readFileSync(`${record}.args`, 'utf8'),
    ])
      expect(visible).not.to.include("pass 'word")
    expect(readFileSync(`${record}.env`, 'utf8')).to.include('LC_ALL=C\n')
  })

  it('does not send the password without a prompt', async () => {
    expect(await says(await become(hostWith(runCommand), 'secret'))).to.equal('hello\n')
  })

  it('sends the password after the prompt, not after other output', async () => {
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
    let prompt = ''
    const opened = become(
      {
        user: 'deploy',
        open(command) {
          prompt = /hostwright-[0-9a-f]{24}:/.exec(command)?.[0] ?? ''
          return Promise.resolve({ stdin, stdout, stderr, ended: new Promise<Ending>(() => undefined) })
        },
        close: () => Promise.resolve(),
      },
      'secret',
    )
    const printed = async (text: string): Promise<unknown> => {
      stderr.write(text)
      await new Promise((resolve) => setImmediate(resolve))
      return (stdin.read() as Buffer | null)?.toString()
    }
    await new Promise((resolve) => setImmediate(resolve))
    expect(await printed('sudo: unable to resolve host web1\n')).to.equal(undefined)
    expect(await printed(prompt.slice(0, 10))).to.equal(undefined)
    expect(await printed(prompt.slice(10))).to.equal('secret\n')
    expect(await printed('Last login: today\n')).to.equal(undefined)
    stdout.write(marker)
    ;(await opened).close()
  })

  it('recognizes the prompt inside other text', async () => {
    const decorated = askPassword.replace('"$prompt"', '"[sudo: $prompt] "')
    expect(
      await says(await become(hostWith(`echo lecture >&2; ${decorated}; ${runCommand}`), 'secret')),
    ).to.equal('hello\n')
  })

  it('sends the password only once, so that no account is locked', async () => {
    const record = join(folder, 'record')
    const again = `printf %s "$prompt" >&2; IFS= read -r password || exit 1; echo "$password" >>${record}`
    const host = hostWith(
      `${findPrompt}; for round in 1 2 3; do ${again}; echo "Sorry, try again." >&2; done; exit 1`,
    )
    let ended: Promise<Ending> | undefined
    const watched: Connection = {
      ...host,
      async open(command) {
        const pipes = await host.open(command)
        ended = pipes.ended
        return pipes
      },
    }
    const error: unknown = await become(watched, 'wrong').catch((reason: unknown) => reason)
    expect((error as ConnectionError).message).to.match(/did not accept the password of deploy/)
    await ended
    expect(readFileSync(record, 'utf8')).to.equal('wrong\n')
  })

  const failures: readonly [string, string, string | undefined, RegExp][] = [
    [
      'a missing password',
      'echo "sudo: a password is required" >&2; exit 1',
      undefined,
      /requires the password of deploy/,
    ],
    [
      'a wrong password',
      `${askPassword}; echo "Sorry, try again." >&2; ${askPassword}; exit 1`,
      'x',
      /did not accept the password of deploy/,
    ],
    [
      'a wrong password without another prompt',
      `${askPassword}; echo "sudo: 1 incorrect password attempt" >&2; exit 1`,
      'x',
      /did not accept the password/,
    ],
    [
      'a user who is not in sudoers',
      `${askPassword}; echo "deploy is not in the sudoers file." >&2; exit 1`,
      'x',
      /deploy cannot become root/,
    ],
    [
      'a user who may run only other commands',
      'echo "Sorry, user deploy is not allowed to execute /bin/sh as root on web1." >&2; exit 1',
      undefined,
      /deploy cannot become root/,
    ],
    [
      'a required terminal',
      'echo "sudo: sorry, you must have a tty to run sudo" >&2; exit 1',
      undefined,
      /requires a terminal/,
    ],
    ['an unknown user', 'echo "sudo: unknown user root" >&2; exit 1', undefined, /user root does not exist/],
    [
      'an unknown error',
      'echo "sudo: the moon is full" >&2; exit 5',
      undefined,
      /exited with code 5; it printed:\nsudo: the moon is full/,
    ],
  ]
  for (const [title, script, password, message] of failures) {
    it(`reports ${title}`, async () => {
      const error: unknown = await become(hostWith(script), password).catch((reason: unknown) => reason)
      expect(error).to.be.instanceOf(ConnectionError).and.have.property('problem', 'become')
      expect((error as ConnectionError).message).to.match(message)
    })
  }

  // Messages of sudo-rs 0.2.5 in Debian 13.
  const rust: readonly [string, string][] = [
    ['sudo-rs: interactive authentication is required', 'sudo requires the password of deploy'],
    ['sudo: Authentication failed, try again.', 'sudo did not accept the password of deploy'],
    ['sudo-rs: Maximum 3 incorrect authentication attempts', 'sudo did not accept the password of deploy'],
    [
      "sudo-rs: I'm sorry deploy. I'm afraid I can't do that",
      "deploy cannot become root: not allowed by the host's sudoers",
    ],
    ["sudo-rs: user 'root' not found", 'user root does not exist on the host'],
  ]
  for (const [said, message] of rust) {
    it(`understands the message of sudo-rs: ${said}`, () => {
      const error = describeSudoFailure('web1', 'deploy', 'root', { code: 1 }, said)
      expect(error.message).to.equal(`web1: ${message}`)
    })
  }

  it('reports that sudo is not installed', () => {
    const said = "env: 'sudo': No such file or directory"
    expect(describeSudoFailure('web1', 'deploy', 'root', { code: 127 }, said).message).to.equal(
      'web1: sudo is not installed',
    )
  })

  it('returns a constant command, and rejects a user name that could be an option', () => {
    expect(sudoCommand('web1', 'www-data')).to.match(
      /^exec env LC_ALL=C sudo -H -n -u 'www-data' -- sh -c '[^']+'$/,
    )
    for (const user of ["x'; reboot", '-u', 'a b', '', '$x', 'a\nb'])
      expect(() => sudoCommand('web1', user)).to.throw('invalid user name')
  })
})
