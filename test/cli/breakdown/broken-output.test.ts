import { once } from 'node:events'
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'

import { exitCodeOf, startCommand } from './command-process.ts'

describe('a command that breaks down', () => {
  let folder: string
  const at = (name: string) => join(folder, name)

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'hostwright-broken-output-'))
    writeFileSync(at('hosts.ini'), 'a ansible_connection=local\nb ansible_connection=local\n')
    // The script of host a runs until it is killed. Host b ends its task, and so prints a line, when told to.
    writeFileSync(
      at('long.yml'),
      `- hosts: all
  gather_facts: false
  tasks:
    - shell: |
        if [ <%= inventory_hostname %> = b ]; then
          until [ -e ${folder}/closed ]; do sleep 0.1; done
          exit
        fi
        trap 'echo ended > ${folder}/ended; exit 1' TERM
        echo > ${folder}/started
        while :; do sleep 0.1; done
`,
    )
    writeFileSync(
      at('lease.yml'),
      `- hosts: a
  gather_facts: false
  tasks:
    - deploy_lock: root=${folder}/app run=r1 by=test
    - command: test -e ${folder}/app/deploy/lock
    - shell: until [ -e ${folder}/closed ]; do sleep 0.1; done
    - command: sleep 60
`,
    )
  })
  after(() => {
    rmSync(folder, { recursive: true })
  })
  afterEach(() => {
    for (const name of ['started', 'closed', 'ended']) rmSync(at(name), { force: true })
  })

  const run = (playbook: string) => ['run', at(playbook), '-i', at('hosts.ini')]
  const harmless: readonly (readonly [string, readonly string[]])[] = [
    ['help', ['--help']],
    ['the help of a command', ['run', '--help']],
    ['the version', ['--version']],
    ['a reference page', ['doc', 'copy']],
    ['a schema', ['doc', '-o', 'json']],
    ['the help of the sandbox', ['sandbox', '--help']],
    ['the list of tasks', ['run', 'playbooks/site.yml', '--list-tasks']],
  ]

  async function intoFull(stream: 'stdout' | 'stderr', argv: readonly string[]) {
    const full = openSync('/dev/full', 'w')
    try {
      const command = startCommand(
        argv,
        stream === 'stdout' ? ['ignore', full, 'pipe'] : ['ignore', 'pipe', full],
      )
      const [code, out, err] = await Promise.all([
        exitCodeOf(command),
        command.stdout === null ? '' : text(command.stdout),
        command.stderr === null ? '' : text(command.stderr),
      ])
      return { code, out, err }
    } finally {
      closeSync(full)
    }
  }

  const sentence = /^cannot write to standard output: ENOSPC: no space left on device, write\n$/

  for (const [title, argv] of harmless) {
    it(`reports a full disk in one sentence: ${title}`, async () => {
      const { code, err } = await intoFull('stdout', argv)
      expect(err).to.match(sentence)
      expect(code).to.equal(74)
    })

    it(`ends with exit code 141 and no message if the reader has closed the pipe: ${title}`, async () => {
      const command = startCommand(argv, ['ignore', 'pipe', 'pipe'])
      command.stdout?.destroy()
      const [code, err] = await Promise.all([exitCodeOf(command), text(command.stderr!)])
      expect(err).to.equal('')
      expect(code).to.equal(141)
    })
  }

  it('keeps the exit code of an error that cannot be printed', async () => {
    const { code } = await intoFull('stderr', ['nonsense'])
    expect(code).to.equal(64)
  })

  it('ignores a standard error that cannot be written if nothing is printed there', async () => {
    const { code, out } = await intoFull('stderr', [...run('long.yml'), '--list-tasks'])
    expect(out).to.include('shell')
    expect(code).to.equal(0)
  })

  async function untilThere(name: string): Promise<void> {
    while (!existsSync(at(name))) await new Promise((resolve) => setTimeout(resolve, 20))
  }

  it('kills running scripts when the disk of the report is full', async () => {
    const { code, err } = await intoFull('stdout', run('long.yml'))
    expect(err).to.match(sentence)
    expect(code).to.equal(74)
    expect(existsSync(at('started'))).to.equal(existsSync(at('ended')))
  })

  it('kills running scripts when the reader of the report has closed the pipe', async () => {
    const command = startCommand(run('long.yml'), ['ignore', 'pipe', 'pipe'])
    const end = exitCodeOf(command)
    const said = text(command.stderr!)
    await untilThere('started')
    command.stdout?.destroy()
    writeFileSync(at('closed'), '')
    expect(await end).to.equal(141)
    expect(await said).to.equal('')
    expect(existsSync(at('ended'))).to.equal(true)
  })

  it('kills running scripts when the reader of standard error has closed the pipe', async () => {
    const command = startCommand(run('long.yml'), ['ignore', 'pipe', 'pipe'])
    const end = exitCodeOf(command)
    await untilThere('started')
    command.stderr?.destroy()
    // prints a line to standard error
    command.kill('SIGTERM')
    expect(await end).to.equal(141)
    expect(existsSync(at('ended'))).to.equal(true)
  })

  it('releases the leases when the reader has closed the pipe', async () => {
    const command = startCommand(run('lease.yml'), ['ignore', 'pipe', 'pipe'])
    const end = exitCodeOf(command)
    command.stdout?.setEncoding('utf8')
    for (let printed = ''; !printed.includes('test -e');)
      printed += String(await once(command.stdout!, 'data'))
    const lock = join(folder, 'app', 'deploy', 'lock')
    expect(existsSync(lock)).to.equal(true)
    command.stdout?.destroy()
    writeFileSync(at('closed'), '')
    expect(await end).to.equal(141)
    expect(existsSync(lock)).to.equal(false)
  })

  it('kills running scripts and reports one bug after an uncaught error', async () => {
    const program = 'test/cli/breakdown/crashing-command.ts'
    const command = startCommand(run('long.yml'), ['ignore', 'ignore', 'pipe'], {
      program,
      env: { CRASH_AT: at('started') },
    })
    const [code, err] = await Promise.all([exitCodeOf(command), text(command.stderr!)])
    expect(err).to.match(/^this is a bug in hostwright:\nError: thrown in a callback\n( +at .*\n)+$/)
    expect(code).to.equal(70)
    expect(existsSync(at('ended'))).to.equal(true)
  })
})
