import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'

import type { RunEvent } from '../../src/engine/event.ts'
import type { Machine } from '../../src/sandbox/index.ts'
import { hostwright, runJson, start, type CommandResult, type JsonRun } from './command.ts'
import { machine, ssh } from './machine.ts'

const execute = promisify(execFile)

describe('the command', () => {
  const target = machine({ name: 'command' })
  const other = machine({ name: 'command-other' })
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hostwright-command-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  async function write(name: string, text: string): Promise<string> {
    const file = join(folder, name)
    await writeFile(file, text)
    return file
  }

  /** Writes an inventory of these machines with these variables, as JSON, which is valid YAML. */
  async function inventory(machines: Record<string, Machine>, variables: object = {}): Promise<string[]> {
    const hosts: Record<string, object> = {}
    for (const [name, host] of Object.entries(machines)) hosts[name] = { ...loginTo(host), ...variables }
    return ['-i', await write('inventory.yml', JSON.stringify({ all: { hosts } }))]
  }

  async function play(tasks: string): Promise<string> {
    return await write('play.yml', `- hosts: all\n  tasks:\n${tasks.replaceAll(/^(?=.)/gm, '    ')}`)
  }

  describe('with an unknown host key', () => {
    let knownHosts: string

    async function ping(...options: string[]): Promise<CommandResult> {
      const file = { ansible_ssh_common_args: `-o UserKnownHostsFile=${knownHosts}` }
      return await hostwright(['ping', ...(await inventory({ web: target }, file)), ...options])
    }

    beforeEach(async () => {
      knownHosts = await write('known_hosts', '')
    })

    it('shows the fingerprint, suggests how to accept the key, and does not accept it', async () => {
      const { code, stdout } = await ping()
      expect(code).to.equal(4)
      expect(stdout).to.include(await fingerprint(target.knownHostsFile))
      expect(stdout).to.include('--accept-new-host-keys')
      expect(await readFile(knownHosts, 'utf8')).to.equal('')
    })

    it('remembers the key that it accepted', async () => {
      expect((await ping('--accept-new-host-keys')).code).to.equal(0)
      expect(await fingerprint(knownHosts)).to.equal(await fingerprint(target.knownHostsFile))
      expect((await ping()).code).to.equal(0)
    })

    it('never accepts a changed key', async () => {
      const key = join(folder, 'another')
      await execute('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
      const line = `${target.address} ${await readFile(`${key}.pub`, 'utf8')}`
      await writeFile(knownHosts, line)
      const { code, stdout } = await ping('--accept-new-host-keys')
      expect(code).to.equal(4)
      expect(stdout).to.include(`differs from the known key in ${knownHosts}:1`)
      expect(await readFile(knownHosts, 'utf8')).to.equal(line)
    })
  })

  it('reports the duration of a login', async () => {
    const { code, stdout } = await hostwright(['ping', ...(await inventory({ web: target })), '-e', 'a=b'])
    expect(stdout).to.match(/^web {2}logged in as deploy in \d+ ms\n$/)
    expect(code).to.equal(0)
  })

  it('reports mistakes of a playbook with their places before it opens a connection', async () => {
    const server = await silentServer()
    const hosts = await inventory({ web: target }, server.variables)
    const file = await play('- command: id\n- comand: id\n')
    try {
      const { code, stderr } = await hostwright(['run', file, ...hosts])
      expect(code).to.equal(65)
      expect(stderr).to.include(`${file}:4:`)
      expect(stderr).to.match(/^.*- comand: id\n.* {2}\^/m)
      expect(server.connections()).to.equal(0)
    } finally {
      server.close()
    }
  })

  it('fails if a limit matches nothing', async () => {
    const hosts = await inventory({ web: target })
    const { code, stderr } = await hostwright(['run', await play('- command: id\n'), ...hosts, '-l', 'wbe'])
    expect(code).to.equal(66)
    expect(stderr).to.include('wbe')
  })

  it('shows the command line, the exit code and the output of a failed command', async () => {
    const file = await play(`- shell: 'printf "one\\ntwo\\n"; echo "no such thing" >&2; exit 3'\n`)
    const { code, stdout } = await hostwright(['run', file, ...(await inventory({ web: target }))])
    expect(code).to.equal(1)
    const [, shown = ''] = /^ {2}failed .*\n((?: {6}.*\n)+)/m.exec(stdout) ?? []
    const lines = shown.split('\n').map((line) => line.slice(6))
    expect(lines.find((line) => line.startsWith('command: '))).to.include('printf "one\\ntwo\\n"')
    expect(shown).to.include('      exit code: 3\n')
    expect(shown).to.include('      stdout:\n        one\n        two\n')
    expect(shown).to.include('      stderr: no such thing\n')
  })

  it('prints the scripts of a change with --show-commands', async () => {
    const file = await play('- file: { path: /tmp/shown, state: directory, mode: "0750" }\n')
    const hosts = await inventory({ web: target })
    const { stdout } = await hostwright(['run', file, ...hosts, '--check', '--show-commands'])
    expect(stdout).to.match(/^ {2}\$ as the login user on web:\n(?: {4}.*\n)*? {4}.*\/tmp\/shown/m)
    expect((await hostwright(['run', file, ...hosts, '--check'])).stdout).not.to.include('$ as ')
  })

  it('works as the login user, and as root only with become', async () => {
    const file = await play('- command: id -un\n  register: who\n- debug: msg="<%= who.stdout %>"\n')
    const hosts = await inventory({ web: target })
    const own = await runJson([file, ...hosts])
    expect(own.tasks.map(({ msg }) => msg)).to.include('deploy')
    const raised = await runJson([file, ...hosts, '-b'])
    expect(raised.tasks.map(({ msg }) => msg)).to.include('root')
  })

  it('writes only JSON to stdout with -o jsonl, the recap last, whatever fails', async () => {
    const file = await play('- command: "true"\n- command: "false"\n')
    const hosts = await inventory({ web: target, db: other })
    const { code, stdout } = await hostwright(['run', file, ...hosts, '-o', 'jsonl'])
    expect(code).to.equal(1)
    expect(stdout.endsWith('\n')).to.equal(true)
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as RunEvent)
    expect(events.map(({ event }) => event)).to.include.members(['start', 'play', 'task'])
    expect(events.at(-1)).to.deep.include({ event: 'recap', check: false })
  })

  it('continues on the other hosts when one becomes unreachable', async () => {
    const file = await play('- command: sleep <%= nap %>\n- command: "true"\n')
    const both = { lost: { ...loginTo(target), nap: 301 }, kept: { ...loginTo(other), nap: 0 } }
    const hosts = await write('inventory.yml', JSON.stringify({ all: { hosts: both } }))
    const running = runJson([file, '-i', hosts])
    await processOf('sleep 301', target)
    expect((await ssh(target, 'pkill -KILL -u deploy sshd', { user: 'root' })).code).to.equal(0)

    const { code, tasks, recap } = await running
    expect(tasks.filter(({ host }) => host === 'lost').map(({ status }) => status)).to.deep.equal([
      'unreachable',
    ])
    expect(recap.hosts['lost']).to.include({ ok: 0, failed: 0, unreachable: 1 })
    expect(recap.hosts['kept']).to.include({ ok: 2, failed: 0, unreachable: 0 })
    expect(code).to.equal(4)
  })

  it('ends the scripts on the hosts on Ctrl-C, and prints the recap', async () => {
    const file = await play('- command: sleep 302\n  ignore_errors: true\n- command: touch /tmp/went-on\n')
    const hosts = await inventory({ web: target, db: other })
    const { process, result } = start(['run', file, ...hosts])
    await Promise.all([target, other].map((host) => processOf('sleep 302', host)))
    process.kill('SIGINT')
    const { code, stdout } = await result
    expect(code).to.equal(130)
    expect(stdout).to.match(/^RECAP .*\n(?: {2}(?:web|db) .*\n){2}/m)
    for (const host of ['web', 'db '])
      expect(stdout).to.include(`  unknown     ${host}  command  interrupted: `)
    expect(stdout).not.to.include('failed  ')
    for (const host of [target, other]) {
      expect(await ssh(host, 'pgrep -xf "sleep 302"; ls /tmp/went-on')).to.include({ stdout: '' })
    }
  })

  it('stops on Ctrl-C during a login without an answer', async () => {
    const server = await silentServer()
    try {
      const { process, result } = start(['ping', ...(await inventory({ web: target }, server.variables))])
      await server.connected
      process.kill('SIGINT')
      const { code, stderr } = await result
      expect(stderr).to.match(/^interrupted$/m)
      expect(code).to.equal(130)
    } finally {
      server.close()
    }
  })

  it('runs the handler of a killed run in the next run', async () => {
    const file = await write(
      'play.yml',
      `
- hosts: all
  tasks:
    - copy: { content: new, dest: /tmp/configuration }
      notify: restart
    - command: sleep 303
      when: wait
  handlers:
    - name: restart
      shell: echo restarted >> /tmp/restarts
`,
    )
    const hosts = await inventory({ web: target })
    const { process, result } = start(['run', file, ...hosts, '-e', 'wait=true'])
    await processOf('sleep 303', target)
    process.kill('SIGKILL')
    expect((await result).code).to.equal(null)

    const next = await runJson([file, ...hosts, '-e', 'wait=false'])
    expect(next.events).to.deep.include({ event: 'pending', host: 'web', handlers: ['restart'] })
    expect(changed(next)).to.deep.equal(['restart'])
    const third = await runJson([file, ...hosts, '-e', 'wait=false'])
    expect(third.events.map(({ event }) => event)).not.to.include('pending')
    expect(changed(third)).to.deep.equal([])
    expect((await ssh(target, 'cat /tmp/restarts')).stdout).to.equal('restarted\n')
  })
})

function loginTo({ address, port, user, privateKeyFile, knownHostsFile }: Machine): object {
  return {
    ansible_host: address,
    ansible_port: port,
    ansible_user: user,
    ansible_ssh_private_key_file: privateKeyFile,
    ansible_ssh_common_args: `-o UserKnownHostsFile=${knownHostsFile}`,
  }
}

interface SilentServer {
  /** Returns the variables that make this the address of a host. */
  readonly variables: object
  /** Resolves with the first connection. */
  readonly connected: Promise<unknown>
  connections(): number
  close(): void
}

/** A server that accepts connections and sends nothing. */
async function silentServer(): Promise<SilentServer> {
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    socket.on('error', () => undefined).resume()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    variables: { ansible_host: '127.0.0.1', ansible_port: port },
    connected: new Promise((resolve) => server.once('connection', resolve)),
    connections: () => connections,
    close: () => server.close(),
  }
}

/** Returns the fingerprint as OpenSSH prints it. */
async function fingerprint(knownHostsFile: string): Promise<string> {
  const { stdout } = await execute('ssh-keygen', ['-lf', knownHostsFile])
  return stdout.split(' ')[1] ?? ''
}

/** Resolves when a process with this command line runs on the machine. */
async function processOf(commandLine: string, target: Machine): Promise<void> {
  const wait = `timeout 20 sh -c 'until pgrep -xf "$1"; do sleep 0.05; done' sh '${commandLine}'`
  const { code } = await ssh(target, wait)
  expect(code, `${commandLine} runs`).to.equal(0)
}

function changed(run: JsonRun): string[] {
  return run.tasks.filter(({ status }) => status === 'changed').map(({ task }) => task)
}
