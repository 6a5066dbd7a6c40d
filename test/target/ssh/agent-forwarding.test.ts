import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { openTarget } from '../../../src/target/open-target.ts'
import { sh } from '../../../src/target/sh.ts'
import { keyPair, startSshServer } from './ssh-server.ts'

describe('an SSH agent', () => {
  it('logs in with an SSH agent without forwarding it to the host', async () => {
    const hostKey = keyPair()
    const userKey = keyPair()
    const home = mkdtempSync(join(tmpdir(), 'hostwright-agent-'))
    writeFileSync(join(home, 'id'), userKey.private, { mode: 0o600 })
    const socket = join(home, 'agent')
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] })
    const previousSocket = process.env['SSH_AUTH_SOCK']
    const server = await startSshServer({
      hostKeys: [hostKey],
      authenticate: (attempt) => attempt.method === 'publickey' && userKey.publicKey.equals(attempt.key.data),
    })
    try {
      await once(agent.stdout, 'data')
      execFileSync('ssh-add', ['-q', join(home, 'id')], { env: { ...process.env, SSH_AUTH_SOCK: socket } })
      process.env['SSH_AUTH_SOCK'] = socket
      writeFileSync(join(home, 'known_hosts'), `[127.0.0.1]:${server.port} ${hostKey.public}\n`)
      const target = await openTarget({
        name: 'web1',
        connection: 'ssh',
        address: '127.0.0.1',
        port: server.port,
        user: 'deploy',
        knownHostsFiles: [join(home, 'known_hosts')],
      })
      await target.run({ scripts: [sh`echo hello`], timeLimit: 10 })
      await target.close()
      expect(server.commands).not.to.deep.equal([])
      expect(server.agentRequests).to.equal(0)
    } finally {
      if (previousSocket === undefined) delete process.env['SSH_AUTH_SOCK']
      else process.env['SSH_AUTH_SOCK'] = previousSocket
      await server.close()
      agent.kill()
      rmSync(home, { recursive: true })
    }
  })
})
