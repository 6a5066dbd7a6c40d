import { expect } from 'chai'
import { homedir } from 'node:os'

import { InvalidInputError } from '../../src/errors.ts'
import {
  type ConnectionArguments,
  connectionOf,
  type ConnectionVariables,
} from '../../src/inventory/connection-of.ts'
import { NotKnown } from '../../src/variables/not-known.ts'
import { Scope } from '../../src/variables/scope.ts'
import { layer } from '../variables/written.ts'

const host = { name: 'www', groups: ['all'], layers: {} }

function scopeOf(values: Record<string, unknown>): Scope {
  return new Scope([layer(values)], {
    unavailable: (name) =>
      name === 'ansible_default_ipv4' ? new NotKnown('facts', 'until facts are gathered') : undefined,
  })
}

function connection(
  values: Record<string, unknown>,
  commandLine: ConnectionArguments = {},
): ConnectionVariables {
  return connectionOf(host, scopeOf(values), commandLine)
}

describe('the connection to a host', () => {
  const plain = { name: 'www', connection: 'ssh' }
  const cases: [string, Record<string, unknown>, ConnectionArguments, object][] = [
    ['no settings', {}, {}, plain],
    ['an address', { ansible_host: '192.0.2.<%= 1 %>' }, {}, { ...plain, address: '192.0.2.1' }],
    ['a port', { ansible_port: 2222 }, {}, { ...plain, port: 2222 }],
    ['a port as a string', { ansible_port: '2222' }, {}, { ...plain, port: 2222 }],
    ['-u', {}, { user: 'cli' }, { ...plain, user: 'cli' }],
    [
      'a user, which takes precedence over -u',
      { ansible_user: 'deploy' },
      { user: 'cli' },
      { ...plain, user: 'deploy' },
    ],
    [
      'an old name',
      { ansible_ssh_host: 'a', ansible_ssh_user: 'b' },
      {},
      { ...plain, address: 'a', user: 'b' },
    ],
    [
      'a key',
      { ansible_ssh_private_key_file: '~/.ssh/x' },
      { privateKey: 'y' },
      { ...plain, privateKeyFiles: [`${homedir()}/.ssh/x`] },
    ],
    ['--private-key', {}, { privateKey: '/k' }, { ...plain, privateKeyFiles: ['/k'] }],
    ['local', { ansible_connection: 'local' }, {}, { ...plain, connection: 'local' }],
    ['-c local', {}, { connection: 'local' }, { ...plain, connection: 'local' }],
    ['smart', { ansible_connection: 'smart' }, {}, plain],
    ['a password', { ansible_password: 12345 }, {}, { ...plain, password: '12345' }],
    ['an empty variable', { ansible_user: null, ansible_port: '' }, {}, plain],
    [
      'a jump host',
      { ansible_ssh_common_args: '-o ProxyJump=me@bastion:2200' },
      {},
      { ...plain, jump: { name: 'bastion', connection: 'ssh', user: 'me', port: 2200 } },
    ],
    [
      '-J',
      { ansible_ssh_common_args: '-J bastion' },
      {},
      { ...plain, jump: { name: 'bastion', connection: 'ssh' } },
    ],
    [
      'two jumps',
      { ansible_ssh_args: '-J a,b@c' },
      {},
      { ...plain, jump: { name: 'c', connection: 'ssh', user: 'b', jump: { name: 'a', connection: 'ssh' } } },
    ],
    [
      'a ProxyCommand',
      { ansible_ssh_common_args: `-o ProxyCommand="ssh -W %h:%p -q -p 22 me@bastion"` },
      {},
      { ...plain, jump: { name: 'bastion', connection: 'ssh', user: 'me', port: 22 } },
    ],
    [
      'options',
      {
        ansible_ssh_args: "-C -o ControlMaster=auto -oControlPersist=60s -o 'ConnectTimeout 5' -p 22 -i ~/k",
      },
      {},
      { ...plain, connectTimeout: 5, port: 22, privateKeyFiles: [`${homedir()}/k`] },
    ],
    [
      'accept-new',
      { ansible_ssh_extra_args: '-o StrictHostKeyChecking=accept-new -o UserKnownHostsFile=/a' },
      {},
      { ...plain, acceptNewHostKeys: true, knownHostsFiles: ['/a'] },
    ],
    [
      'a variable that takes precedence over an option',
      { ansible_ssh_args: '-p 1', ansible_port: 2 },
      {},
      { ...plain, port: 2 },
    ],
  ]
  for (const [name, values, commandLine, expected] of cases) {
    it(`follows ${name}`, () => {
      expect(connection(values, commandLine).settings).to.deep.equal(expected)
    })
  }

  it('has settings to become another user', () => {
    expect(
      connection(
        {
          ansible_become: true,
          ansible_become_method: 'sudo',
          ansible_become_user: 'app',
          ansible_become_pass: 'p',
        },
        { becomeUser: 'x', becomePassword: 'y' },
      ),
    ).to.deep.include({
      become: true,
      becomeMethod: 'sudo',
      becomeUser: 'app',
      becomePassword: 'p',
    })
    expect(connection({}, { become: true })).to.deep.include({ become: true, becomeUser: undefined })
  })

  it('masks its passwords', () => {
    const scope = scopeOf({ ansible_password: 'swordfish', ansible_become_password: 'trout' })
    connectionOf(host, scope, {})
    expect(scope.secrets.mask('swordfish and trout')).to.equal('‹secret› and ‹secret›')
  })

  const mistakes: [string, unknown, string][] = [
    ['ansible_port', 'ssh', 'ansible_port of www must be a number from 1 to 65535'],
    ['ansible_port', 70000, 'ansible_port of www must be a number from 1 to 65535'],
    ['ansible_user', ['a'], 'ansible_user of www must be a string'],
    ['ansible_connection', 'docker', 'ansible_connection of www must be ssh or local'],
    ['ansible_become', 'sure', 'ansible_become of www must be true or false'],
    ['ansible_become_method', 'su', 'ansible_become_method of www must be sudo'],
    ['ansible_ssh_args', '-o StrictHostKeyChecking=no', 'StrictHostKeyChecking=no is not supported'],
    ['ansible_ssh_args', '-R 80:x:80', "the ssh option '-R' is not supported"],
    ['ansible_ssh_args', '-o "Tunnel yes"', "the ssh option 'Tunnel' is not supported"],
    ['ansible_ssh_args', '-o ProxyCommand="nc %h %p"', "the ProxyCommand 'nc %h %p' is not supported"],
    ['ansible_ssh_args', '-J', "the ssh option '-J' needs a value"],
    ['ansible_ssh_args', '-J "-oProxyCommand=x"', "invalid jump host '-oProxyCommand=x'"],
    ['ansible_ssh_args', '-o "x', 'unclosed quote "'],
    ['ansible_host', '<%= nothing %>', "'nothing' is not defined"],
    ['ansible_host', '<%= ansible_default_ipv4 %>', 'cannot be known before the connection'],
  ]
  for (const [name, value, message] of mistakes) {
    it(`rejects ${name}=${JSON.stringify(value)}`, () => {
      expect(() => connection({ [name]: value })).to.throw(InvalidInputError, message)
    })
  }

  it('reports all errors at once', () => {
    expect(() => connection({ ansible_port: 'x', ansible_user: [] })).to.throw(/ansible_port[^]*ansible_user/)
  })
})
