import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { AuthContext } from 'ssh2'

import type { RunEvent } from '../../src/engine/event.ts'
import { keyPair, startSshServer, type SshServer } from '../target/ssh/ssh-server.ts'

describe('a run on many hosts', () => {
  const userKey = keyPair()
  const hostKey = keyPair()
  const addresses = Array.from({ length: 32 }, (_, index) => `127.1.9.${index + 1}`)
  let folder: string
  let server: SshServer

  /** The user `twofactor` must also answer a question. */
  function authenticate(attempt: AuthContext): boolean | readonly string[] | undefined {
    if (attempt.method === 'keyboard-interactive') {
      attempt.prompt('Code: ', () => {
        attempt.accept()
      })
      return undefined
    }
    if (attempt.method !== 'publickey') return false
    if (attempt.username !== 'twofactor' || attempt.signature === undefined)
      return attempt.key.data.equals(userKey.publicKey)
    attempt.reject(['keyboard-interactive'], true)
    return undefined
  }

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hostwright-many-hosts-'))
    server = await startSshServer({ hostKeys: [hostKey], authenticate, addresses })
    const known = addresses.map((address) => `[${address}]:${server.port} ${hostKey.public}\n`)
    writeFileSync(join(folder, 'known_hosts'), known.join(''))
    writeFileSync(join(folder, 'id'), userKey.private, { mode: 0o600 })
    const hosts = addresses.map((address, index) => `host${index} ansible_host=${address}`)
    writeFileSync(
      join(folder, 'hosts.ini'),
      `${hosts.join('\n')}
host7 ansible_user=twofactor
[all:vars]
ansible_user=deploy
ansible_port=${server.port}
ansible_ssh_private_key_file=${folder}/id
ansible_ssh_common_args="-o UserKnownHostsFile=${folder}/known_hosts"
`,
    )
    writeFileSync(
      join(folder, 'play.yml'),
      '- hosts: all\n  gather_facts: false\n  tasks:\n    - command: echo 1\n    - command: echo 2\n',
    )
  })
  after(async () => {
    await server.close()
    rmSync(folder, { recursive: true })
  })

  it('loses only the host whose question cannot be asked, and Node.js warns of no leak', async () => {
    // imported like a run imports its dependencies, so that there is only one class of each error
    const { ExitCode, UserError } = await import('../../src/errors.ts')
    const { run } = await import('../../src/run/run.ts')
    const warnings: string[] = []
    const warn = ({ message }: Error) => warnings.push(message)
    const events: RunEvent[] = []
    process.on('warning', warn)
    const { exitCode } = await run({
      playbook: join(folder, 'play.yml'),
      inventory: [join(folder, 'hosts.ini')],
      ask: () => Promise.reject(new UserError('cannot ask: standard input is not a terminal')),
      onEvent: (event) => events.push(event),
    })
    process.off('warning', warn)
    expect(exitCode).to.equal(ExitCode.unreachable)
    const recap = events.find((event) => event.event === 'recap')
    const lost = Object.entries(recap!.hosts).filter(([, { changed }]) => changed !== 2)
    expect(lost.map(([name, { unreachable }]) => [name, unreachable])).to.deep.equal([['host7', 1]])
    const failure = events.find((event) => event.event === 'task' && event.host === 'host7')
    expect(failure).to.have.property('msg', 'host7: cannot ask: standard input is not a terminal')
    expect(warnings).to.deep.equal([])
  })
})
