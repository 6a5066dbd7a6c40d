import { expect } from 'chai'

import type { Change } from '../../src/modules/definition/change.ts'
import type { AnyModule } from '../../src/modules/definition/module.ts'
import { nativePasswordHash } from '../../src/modules/mysql/password.ts'
import { mysqlUserModule } from '../../src/modules/mysql_user.ts'
import { parseGrants } from '../../src/state/mysql/grants.ts'
import type { MysqlAccount, MysqlProblem, MysqlUser } from '../../src/state/mysql/value.ts'
import { attachedText } from '../attachments.ts'

const privileges = {
  mariadb: [
    'ALTER',
    'BINLOG MONITOR',
    'DELETE',
    'DELETE HISTORY',
    'EXECUTE',
    'INSERT',
    'PROCESS',
    'SELECT',
    'USAGE',
  ],
  mysql: [
    'ALTER',
    'CLONE_ADMIN',
    'DELETE',
    'EXECUTE',
    'INSERT',
    'PROCESS',
    'REPLICATION CLIENT',
    'SELECT',
    'USAGE',
  ],
}

function server(flavour: 'mariadb' | 'mysql', account?: Partial<MysqlAccount>): MysqlUser {
  return {
    server: flavour,
    version: '1',
    privileges: [...privileges[flavour], 'GRANT OPTION', 'PROXY'],
    hosts: account === undefined ? [] : ['localhost'],
    ...(account === undefined
      ? {}
      : {
          account: {
            authentication: [{ plugin: 'mysql_native_password', hash: nativePasswordHash('secret') }],
            tls: { type: 'none', cipher: '', issuer: '', subject: '' },
            grants: [],
            ...account,
          },
        }),
  }
}

function plan(user: MysqlUser | MysqlProblem, given: object): { changes: Change[]; sql: string[] } {
  const module: AnyModule = mysqlUserModule
  const params = module.params.parse({ name: 'shop', ...given })
  const state = { user } as never
  const changes = module.diff(state, params)
  const steps = changes.length === 0 ? [] : module.apply(changes, params, state)
  const sql = steps.flatMap(({ script }) =>
    (attachedText(script, 'mysql.sql') ?? '').split('\n').slice(1, -1),
  )
  return { changes, sql }
}

const granted = (...lines: string[]): Partial<MysqlAccount> => ({
  grants: parseGrants(
    lines.map((line) => `GRANT ${line.replace(/( WITH GRANT OPTION)?$/, ' TO `shop`@`localhost`$1')}`),
  ),
})

describe('module mysql_user', () => {
  it('creates a user with a password and only the given privileges', () => {
    const { changes, sql } = plan(server('mariadb'), { password: "it's", priv: 'shop.*:SELECT,INSERT' })
    expect(changes).to.deep.equal([
      { field: 'state', before: 'absent', after: 'present' },
      { field: 'password', before: null, after: 'as given', secret: true },
      { field: 'privileges on `shop`.*', before: [], after: ['INSERT', 'SELECT'] },
    ])
    expect(sql).to.deep.equal([
      "CREATE USER 'shop'@'localhost' IDENTIFIED VIA mysql_native_password USING PASSWORD('it''s');",
      "GRANT INSERT, SELECT ON `shop`.* TO 'shop'@'localhost';",
    ])
  })

  const settled: [situation: string, user: MysqlUser, given: object][] = [
    ['the password is the same', server('mariadb', {}), { password: 'secret' }],
    [
      'the hash of the password is the same',
      server('mariadb', {}),
      { password: nativePasswordHash('secret'), encrypted: true },
    ],
    [
      'only new users get the password',
      server('mariadb', {}),
      { password: 'x', update_password: 'on_create' },
    ],
    ['the task gives only a name', server('mysql', granted('ALL PRIVILEGES ON *.*')), {}],
    [
      'the user has all privileges of MariaDB',
      server('mariadb', granted('ALL PRIVILEGES ON *.*')),
      { priv: '*.*:ALL' },
    ],
    [
      'the user has all privileges of MySQL, which lists them',
      server(
        'mysql',
        granted(
          'ALTER, DELETE, EXECUTE, INSERT, PROCESS, REPLICATION CLIENT, SELECT ON *.* WITH GRANT OPTION',
          'CLONE_ADMIN ON *.* WITH GRANT OPTION',
        ),
      ),
      { priv: '*.*:ALL,GRANT' },
    ],
    [
      'the task lists all privileges and the server shows ALL',
      server('mysql', granted('ALL PRIVILEGES ON `d`.`t`')),
      { priv: 'd.t:SELECT,INSERT,DELETE,ALTER' },
    ],
    [
      'the server shows a privilege by its other name',
      server('mariadb', granted('BINLOG MONITOR ON *.*')),
      { priv: '*.*:REPLICATION CLIENT' },
    ],
    [
      'the columns only have another order and case',
      server('mysql', granted('SELECT (`a`, `B`) ON `d`.`t`')),
      { priv: 'd.t:select (b, a)' },
    ],
    [
      'the scopes are patterns',
      server('mysql', granted('SELECT ON `d\\_e`.*', 'SELECT ON `f%`.*')),
      { priv: { 'd\\_e.*': 'SELECT', '`f%`.*': 'SELECT' } },
    ],
    [
      'the user already has the appended privileges',
      server('mysql', granted('SELECT, INSERT ON `d`.*', 'PROCESS ON *.*')),
      { priv: 'd.*:SELECT', append_privs: true },
    ],
    [
      'the user does not have the subtracted privileges',
      server('mysql', granted('SELECT ON `d`.*')),
      { priv: 'd.*:INSERT', subtract_privs: true },
    ],
    [
      'the user has no privileges, as wanted',
      server('mysql', granted('USAGE ON *.*')),
      { priv: '*.*:USAGE' },
    ],
    ['the user is absent, as wanted', server('mysql'), { state: 'absent' }],
  ]
  for (const [situation, user, given] of settled) {
    it(`changes nothing if ${situation}`, () => {
      expect(plan(user, given).changes).to.deep.equal([])
    })
  }

  it('finds the privileges of a host with capitals, which the server stores in lower case', () => {
    const given = { priv: 'd.*:SELECT', subtract_privs: true, host: 'Web1.Example.COM' }
    const params = mysqlUserModule.params.parse({ name: 'shop', ...given })
    const [key] = Object.values(mysqlUserModule.reads(params as never)).flatMap((keys) => keys ?? [])
    expect(key?.question).to.include({ name: 'shop', host: 'web1.example.com' })
    expect(plan(server('mariadb', granted('SELECT, INSERT ON `d`.*')), given).sql).to.deep.equal([
      "REVOKE SELECT ON `d`.* FROM 'shop'@'web1.example.com';",
    ])
  })

  const made: [title: string, user: MysqlUser, given: object, sql: string[]][] = [
    [
      'sets a password on MySQL',
      server('mysql', {}),
      { password: 'new' },
      ["ALTER USER 'shop'@'localhost' IDENTIFIED BY 'new';"],
    ],
    [
      'sets a password alongside the local socket of MariaDB',
      server('mariadb', {
        authentication: [
          { plugin: 'unix_socket', hash: '' },
          { plugin: 'mysql_native_password', hash: 'invalid' },
        ],
      }),
      { password: 'new' },
      [
        "ALTER USER 'shop'@'localhost' IDENTIFIED VIA unix_socket OR mysql_native_password USING PASSWORD('new');",
      ],
    ],
    [
      'replaces the local socket of MySQL by a password',
      server('mysql', { authentication: [{ plugin: 'auth_socket', hash: '' }] }),
      { password: 'new' },
      ["ALTER USER 'shop'@'localhost' IDENTIFIED WITH caching_sha2_password BY 'new';"],
    ],
    [
      'sets a plugin',
      server('mysql', {}),
      { plugin: 'auth_socket' },
      ["ALTER USER 'shop'@'localhost' IDENTIFIED WITH auth_socket;"],
    ],
    [
      'grants a privilege before it revokes another',
      server('mysql', granted('SELECT, INSERT ON `d`.*')),
      { priv: 'd.*:SELECT,DELETE' },
      ["GRANT DELETE ON `d`.* TO 'shop'@'localhost';", "REVOKE INSERT ON `d`.* FROM 'shop'@'localhost';"],
    ],
    [
      'revokes only GRANT OPTION',
      server('mariadb', granted('ALL PRIVILEGES ON *.* WITH GRANT OPTION')),
      { priv: '*.*:ALL' },
      ["REVOKE GRANT OPTION ON *.* FROM 'shop'@'localhost';"],
    ],
    [
      'grants GRANT OPTION',
      server('mariadb', granted('SELECT ON `d`.*')),
      { priv: 'd.*:SELECT,GRANT' },
      ["GRANT USAGE ON `d`.* TO 'shop'@'localhost' WITH GRANT OPTION;"],
    ],
    [
      'grants a privilege on a function',
      server('mariadb', {}),
      { priv: 'FUNCTION d.f:EXECUTE' },
      ["GRANT EXECUTE ON FUNCTION `d`.`f` TO 'shop'@'localhost';"],
    ],
    [
      'sets the TLS requirements',
      server('mariadb', {}),
      { tls_requires: { SUBJECT: "/CN=it's" } },
      ["ALTER USER 'shop'@'localhost' REQUIRE SUBJECT '/CN=it''s';"],
    ],
    ['drops a user', server('mysql', {}), { state: 'absent' }, ["DROP USER 'shop'@'localhost';"]],
    [
      'drops a user for every host',
      { ...server('mysql'), hosts: ['a', 'b'] },
      { state: 'absent', host_all: true },
      ["DROP USER 'shop'@'a';", "DROP USER 'shop'@'b';"],
    ],
  ]
  for (const [title, user, given, sql] of made) {
    it(title, () => {
      expect(plan(user, given).sql).to.deep.equal(sql)
    })
  }

  it('shows neither the old nor the new password', () => {
    expect(JSON.stringify(plan(server('mariadb', {}), { password: 'hunter2' }).changes)).not.to.match(
      /hunter2|\*/,
    )
  })

  const impossible: [situation: string, user: MysqlUser | MysqlProblem, given: object, message: RegExp][] = [
    [
      'the server does not have a privilege',
      server('mysql'),
      { priv: '*.*:SELECT; DROP' },
      /mysql 1 has no privilege SELECT; DROP/,
    ],
    [
      'only the server can compare the password',
      server('mariadb', { authentication: [{ plugin: 'ed25519', hash: 'x' }] }),
      { password: 'x' },
      /shop@localhost cannot be compared.*ed25519/,
    ],
    [
      'the server is not installed',
      { server: 'absent', error: 'no client' },
      {},
      /MySQL is not installed: no client/,
    ],
    ['the server is down', { server: 'down', error: 'ERROR 2002' }, {}, /does not answer: ERROR 2002/],
    [
      'the server refuses the login',
      { server: 'refused', error: 'ERROR 1698' },
      {},
      /refuses the login: ERROR 1698/,
    ],
  ]
  for (const [situation, user, given, message] of impossible) {
    it(`fails if ${situation}`, () => {
      expect(() => plan(user, given)).to.throw(message)
    })
  }

  const wrong: [object, RegExp][] = [
    [{ priv: 'shop.*' }, /no privileges in 'shop\.\*'/],
    [{ priv: 'shop.*:ALL,SELECT' }, /'SELECT' is part of ALL/],
    [{ priv: 'shop:SELECT' }, /invalid scope 'shop'/],
    [{ priv: '*.t:SELECT' }, /invalid scope '\*\.t': name the database/],
    [{ priv: 'd.*:SELECT (a' }, /invalid list of privileges/],
    [{ password: 'x', plugin: 'y' }, /exclude each other/],
    [{ plugin: 'y; DROP' }, /invalid plugin name/],
    [{ append_privs: true, subtract_privs: true }, /exclude each other/],
    [{ host_all: true }, /state: absent only/],
    [{ tls_requires: { SLL: null } }, /expected SSL/],
  ]
  for (const [given, message] of wrong) {
    it(`rejects ${JSON.stringify(given)}`, () => {
      expect(() => mysqlUserModule.params.parse({ name: 'shop', ...given })).to.throw(message)
    })
  }
})
