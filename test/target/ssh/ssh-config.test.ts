import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { ConnectionError } from '../../../src/errors.ts'
import type { ConnectionSettings } from '../../../src/target/settings.ts'
import { resolveConnection } from '../../../src/target/ssh/ssh-config.ts'
import type { ResolvedConnection } from '../../../src/target/ssh/ssh-config.ts'

describe('resolveConnection', () => {
  const environment = { ...process.env }
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hostwright-config-'))
    process.env['PATH'] = `${folder}:${environment['PATH']!}`
    process.env['SSH_AUTH_SOCK'] = '/agent'
  })
  afterEach(() => {
    process.env = { ...environment }
    rmSync(folder, { recursive: true })
  })

  /** Creates an ssh whose -G prints this text, and which records its arguments. */
  function sshPrints(config: string): void {
    const script = `#!/bin/sh\nprintf '%s\\n' "$@" >${folder}/arguments\ncat <<'END'\n${config}\nEND\n`
    writeFileSync(join(folder, 'ssh'), script, { mode: 0o755 })
  }

  const sshArguments = () => readFileSync(join(folder, 'arguments'), 'utf8').trim().split('\n')

  const resolve = (more: Partial<ConnectionSettings> = {}): Promise<ResolvedConnection> =>
    resolveConnection({ name: 'web1', connection: 'ssh', ...more })

  async function refusal(more: Partial<ConnectionSettings> = {}): Promise<ConnectionError> {
    const error: unknown = await resolve(more).catch((reason: unknown) => reason)
    if (!(error instanceof ConnectionError)) throw new Error('it was not refused')
    return error
  }

  const defaults = ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => `${homedir()}/.ssh/${name}`)

  it('uses no agent if SSH_AUTH_SOCK is empty', async () => {
    sshPrints('user deploy\nhostname web1\nport 22')
    process.env['SSH_AUTH_SOCK'] = ''
    expect(await resolve()).not.to.have.property('agent')
    process.env['SSH_AUTH_SOCK'] = '/agent'
    expect(await resolve()).to.have.property('agent', '/agent')
  })

  it('takes settings from ssh, called for the address without a shell', async () => {
    sshPrints(
      [
        'user deploy',
        'hostname 10.0.0.7',
        'port 2222',
        'identitiesonly yes',
        'identityfile ~/.ssh/work_%r_%h',
        'userknownhostsfile ~/.ssh/known_work /etc/known',
        'globalknownhostsfile none',
        'identityagent /run/agent',
        'proxyjump none',
      ].join('\n'),
    )
    expect(await resolve({ address: 'web1.internal' })).to.deep.equal({
      name: 'web1',
      address: '10.0.0.7',
      port: 2222,
      user: 'deploy',
      hostKeyName: '10.0.0.7',
      hostKeyPort: 2222,
      privateKeyFiles: [`${homedir()}/.ssh/work_deploy_10.0.0.7`],
      defaultKeyFiles: [],
      identitiesOnly: true,
      agent: '/run/agent',
      knownHostsFiles: [`${homedir()}/.ssh/known_work`, '/etc/known'],
    })
    expect(sshArguments()).to.deep.equal(['-G', '-v', '--', 'web1.internal'])
  })

  it('tries every key of the ssh configuration, in its order', async () => {
    sshPrints('identityfile ~/.ssh/work\nidentityfile ~/.ssh/id_rsa\nidentityfile /keys/old')
    expect(await resolve()).to.deep.include({
      privateKeyFiles: [`${homedir()}/.ssh/work`, '/keys/old'],
      defaultKeyFiles: [],
    })
  })

  it('prefers the settings of the inventory, and passes them to ssh', async () => {
    sshPrints('user deploy\nport 2222\nidentityfile ~/.ssh/work\nuserknownhostsfile /x')
    const settings = { user: 'me', port: 22, privateKeyFiles: ['~/mine'], knownHostsFiles: ['/y'] }
    expect(await resolve(settings)).to.deep.include({
      user: 'me',
      port: 22,
      privateKeyFiles: [`${homedir()}/mine`],
      defaultKeyFiles: [],
      knownHostsFiles: ['/y'],
    })
    expect(sshArguments()).to.deep.equal(['-G', '-v', '-l', 'me', '-p', '22', '--', 'web1'])
  })

  it('uses the defaults if ssh is not installed', async () => {
    process.env['PATH'] = folder
    expect(await resolve()).to.deep.equal({
      name: 'web1',
      address: 'web1',
      port: 22,
      user: userInfo().username,
      hostKeyName: 'web1',
      hostKeyPort: 22,
      privateKeyFiles: [],
      defaultKeyFiles: defaults,
      identitiesOnly: false,
      agent: '/agent',
      knownHostsFiles: [
        `${homedir()}/.ssh/known_hosts`,
        `${homedir()}/.ssh/known_hosts2`,
        '/etc/ssh/ssh_known_hosts',
        '/etc/ssh/ssh_known_hosts2',
      ],
    })
  })

  it('uses the default keys, the most common first, if ssh lists only its defaults', async () => {
    sshPrints('identityfile ~/.ssh/id_rsa\nidentityfile ~/.ssh/id_ecdsa_sk\nidentityfile ~/.ssh/id_ed25519')
    expect(await resolve()).to.deep.include({ privateKeyFiles: [], defaultKeyFiles: defaults })
  })

  it('uses the HostKeyAlias without a port for the host key', async () => {
    sshPrints('hostkeyalias cluster\nport 2222')
    expect(await resolve()).to.deep.include({ hostKeyName: 'cluster', hostKeyPort: 22 })
  })

  for (const [value, expected] of [
    ['none', undefined],
    ['$OTHER_AGENT', '/other'],
    ['SSH_AUTH_SOCK', '/agent'],
    ['~/agent', `${homedir()}/agent`],
  ] as const) {
    it(`finds the agent of IdentityAgent ${value}`, async () => {
      process.env['OTHER_AGENT'] = '/other'
      sshPrints(`identityagent ${value}`)
      expect((await resolve()).agent).to.equal(expected)
    })
  }

  it('chains the machines of ProxyJump, the last one next to the host', async () => {
    sshPrints('proxyjump me@outer:2200,[fe80::1]:22,inner')
    const { jump } = await resolve({ acceptNewHostKeys: true, become: { user: 'root', method: 'sudo' } })
    expect(jump).to.deep.equal({
      name: 'inner',
      connection: 'ssh',
      acceptNewHostKeys: true,
      jump: {
        name: 'fe80::1',
        port: 22,
        connection: 'ssh',
        acceptNewHostKeys: true,
        jump: {
          name: 'outer',
          user: 'me',
          port: 2200,
          connection: 'ssh',
          acceptNewHostKeys: true,
        },
      },
    })
  })

  it('does not make a machine jump through itself', async () => {
    sshPrints('proxyjump bastion')
    expect((await resolve({ address: 'bastion' })).jump).to.equal(undefined)
  })

  it('rejects a ProxyCommand', async () => {
    sshPrints('proxycommand nc %h %p')
    expect((await refusal()).message).to.include('ProxyCommand nc %h %p, which is not supported')
  })

  for (const name of [
    '*',
    'web?',
    '!web',
    'a,b',
    '|1|a',
    '#web',
    '@revoked',
    'a b',
    'a\tb',
    'a\u00a0b',
    '[web]',
  ])
    it(`rejects the host name ${JSON.stringify(name)} before it calls ssh`, async () => {
      sshPrints('hostname 10.0.0.7')
      const { message, problem } = await refusal({ address: name })
      expect(message).to.equal(`web1: invalid address: ${JSON.stringify(name)}`)
      expect(problem).to.equal('address')
    })

  for (const [keyword, what] of [
    ['hostname', 'HostName of the ssh configuration'],
    ['hostkeyalias', 'HostKeyAlias of the ssh configuration'],
    ['proxyjump', 'ProxyJump'],
  ] as const)
    it(`rejects a wildcard as ${what}`, async () => {
      sshPrints(`${keyword} web*`)
      expect((await refusal()).message).to.equal(`web1: invalid ${what}: "web*"`)
    })

  it('reports the error of ssh for a broken configuration', async () => {
    writeFileSync(join(folder, 'ssh'), '#!/bin/sh\necho "line 3: Bad option" >&2; exit 255', { mode: 0o755 })
    expect((await refusal()).message).to.include('line 3: Bad option')
  })
})
