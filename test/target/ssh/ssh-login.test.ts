import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Algorithms } from 'ssh2'

import { connectBySsh } from '../../../src/target/ssh/ssh-connection.ts'
import { keyPair, startSshServer } from './ssh-server.ts'
import type { KeyType, SshServer } from './ssh-server.ts'

describe('the algorithms of an SSH login', () => {
  const userKey = keyPair()
  const hostKeys = {
    ...{ 'ssh-ed25519': 'ed25519', 'ecdsa-sha2-nistp256': 'ecdsa', 'ecdsa-sha2-nistp384': 'ecdsa384' },
    ...{ 'ecdsa-sha2-nistp521': 'ecdsa521', 'rsa-sha2-512': 'rsa', 'rsa-sha2-256': 'rsa' },
  } as const satisfies Record<string, KeyType>
  let home: string

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'hostwright-login-'))
    writeFileSync(join(home, 'id'), userKey.private, { mode: 0o600 })
  })
  afterEach(() => {
    rmSync(home, { recursive: true })
  })

  async function logIn(algorithms: Algorithms, type: KeyType = 'ed25519'): Promise<SshServer> {
    const hostKey = keyPair(type)
    const server = await startSshServer({ hostKeys: [hostKey], authenticate: () => true, algorithms })
    const { port } = server
    writeFileSync(join(home, 'known_hosts'), `[127.0.0.1]:${port} ${hostKey.public}\n`)
    try {
      const connection = await connectBySsh({
        ...{ name: 'web1', connection: 'ssh', address: '127.0.0.1', port, user: 'deploy' },
        privateKeyFiles: [join(home, 'id')],
        knownHostsFiles: [join(home, 'known_hosts')],
      })
      await connection.close()
      return server
    } finally {
      await server.close()
    }
  }

  for (const kex of [
    ...(['curve25519-sha256', 'curve25519-sha256@libssh.org'] as const),
    ...(['ecdh-sha2-nistp256', 'ecdh-sha2-nistp384', 'ecdh-sha2-nistp521'] as const),
    ...(['diffie-hellman-group14-sha256', 'diffie-hellman-group16-sha512'] as const),
  ])
    it(`logs in with the key exchange ${kex}`, async () => {
      await logIn({ kex: [kex] })
    })

  for (const cipher of [
    ...(['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'chacha20-poly1305@openssh.com'] as const),
    ...(['aes128-ctr', 'aes192-ctr', 'aes256-ctr'] as const),
  ])
    it(`logs in with the cipher ${cipher}`, async () => {
      await logIn({ cipher: [cipher] })
    })

  for (const [serverHostKey, type] of Object.entries(hostKeys))
    it(`logs in to a host with the key ${serverHostKey}`, async () => {
      await logIn({ serverHostKey: [serverHostKey as keyof typeof hostKeys] }, type)
    })

  it('prefers a cipher that authenticates to one in counter mode', async () => {
    const { ciphers } = await logIn({ cipher: ['aes128-ctr', 'chacha20-poly1305@openssh.com'] })
    expect(ciphers).to.deep.equal(['chacha20-poly1305@openssh.com'])
  })
})
