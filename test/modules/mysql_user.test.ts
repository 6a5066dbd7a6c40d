import { expect } from 'chai'

import type { AnyModule, Change } from '../../src/modules/definition/module.ts'
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

describe('a user of MySQL', () => {
  it('is made with its password and its rights only', () => {
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

  const settled: [what: string, user: MysqlUser, given: object][] = [
    ['its password', server('mariadb', {}), { password: 'secret' }],
    [
      'the hash of its password',
      server('mariadb', {}),
      { password: nativePasswordHash('secret'), encrypted: true },
    ],
    [
      'any password when only new users get one',
      server('mariadb', {}),
      { password: 'x', update_password: 'on_create' },
    ],
    ['no wish at all', server('mysql', granted('ALL PRIVILEGES ON *.*')), {}],
    ['all rights of MariaDB', server('mariadb', granted('ALL PRIVILEGES ON *.*')), { priv: '*.*:ALL' }],
    [
      'all rights of MySQL, which lists them',
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
      'a full list where the server says ALL',
      server('mysql', granted('ALL PRIVILEGES ON `d`.`t`')),
      { priv: 'd.t:SELECT,INSERT,DELETE,ALTER' },
    ],
    [
      'a right by its other name',
      server('mariadb', granted('BINLOG MONITOR ON *.*')),
      { priv: '*.*:REPLICATION CLIENT' },
    ],
    [
      'columns in another order and case',
      server('mysql', granted('SELECT (`a`, `B`) ON `d`.`t`')),
      { priv: 'd.t:select (b, a)' },
    ],
    [
      'a pattern',
      server('mysql', granted('SELECT ON `d\\_e`.*', 'SELECT ON `f%`.*')),
      { priv: { 'd\\_e.*': 'SELECT', '`f%`.*': 'SELECT' } },
    ],
    [
      'fewer rights, appended',
      server('mysql', granted('SELECT, INSERT ON `d`.*', 'PROCESS ON *.*')),
      { priv: 'd.*:SELECT', append_privs: true },
    ],
    [
      'rights that are gone, subtracted',
      server('mysql', granted('SELECT ON `d`.*')),
      { priv: 'd.*:INSERT', subtract_privs: true },
    ],
    ['no rights', server('mysql', granted('USAGE ON *.*')), { priv: '*.*:USAGE' }],
    ['absence', server('mysql'), { state: 'absent' }],
  ]
  for (const [what, user, given] of settled) {
    it(`is as wanted with ${what}`, () => {
      expect(plan(user, given).changes).to.deep.equal([])
    })
  }

  const made: [what: string, user: MysqlUser, given: object, sql: string[]][] = [
    [
      'a password on MySQL',
      server('mysql', {}),
      { password: 'new' },
      ["ALTER USER 'shop'@'localhost' IDENTIFIED BY 'new';"],
    ],
    [
      'a password beside the local socket of MariaDB',
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
      'a password in place of the local socket of MySQL',
      server('mysql', { authentication: [{ plugin: 'auth_socket', hash: '' }] }),
      { password: 'new' },
      ["ALTER USER 'shop'@'localhost' IDENTIFIED WITH caching_sha2_password BY 'new';"],
    ],
    [
      'a plugin',
      server('mysql', {}),
      { plugin: 'auth_socket' },
      ["ALTER USER 'shop'@'localhost' IDENTIFIED WITH auth_socket;"],
    ],
    [
      'another right, the surplus last',
      server('mysql', granted('SELECT, INSERT ON `d`.*')),
      { priv: 'd.*:SELECT,DELETE' },
      ["GRANT DELETE ON `d`.* TO 'shop'@'localhost';", "REVOKE INSERT ON `d`.* FROM 'shop'@'localhost';"],
    ],
    [
      'all rights but not to hand them on',
      server('mariadb', granted('ALL PRIVILEGES ON *.* WITH GRANT OPTION')),
      { priv: '*.*:ALL' },
      ["REVOKE GRANT OPTION ON *.* FROM 'shop'@'localhost';"],
    ],
    [
      'the right to hand on',
      server('mariadb', granted('SELECT ON `d`.*')),
      { priv: 'd.*:SELECT,GRANT' },
      ["GRANT USAGE ON `d`.* TO 'shop'@'localhost' WITH GRANT OPTION;"],
    ],
    [
      'a right on a function',
      server('mariadb', {}),
      { priv: 'FUNCTION d.f:EXECUTE' },
      ["GRANT EXECUTE ON FUNCTION `d`.`f` TO 'shop'@'localhost';"],
    ],
    [
      'TLS',
      server('mariadb', {}),
      { tls_requires: { SUBJECT: "/CN=it's" } },
      ["ALTER USER 'shop'@'localhost' REQUIRE SUBJECT '/CN=it''s';"],
    ],
    ['absence', server('mysql', {}), { state: 'absent' }, ["DROP USER 'shop'@'localhost';"]],
    [
      'absence from every host',
      { ...server('mysql'), hosts: ['a', 'b'] },
      { state: 'absent', host_all: true },
      ["DROP USER 'shop'@'a';", "DROP USER 'shop'@'b';"],
    ],
  ]
  for (const [what, user, given, sql] of made) {
    it(`is given ${what}`, () => {
      expect(plan(user, given).sql).to.deep.equal(sql)
    })
  }

  it('shows neither its old nor its new password', () => {
    expect(JSON.stringify(plan(server('mariadb', {}), { password: 'hunter2' }).changes)).not.to.match(
      /hunter2|\*/,
    )
  })

  const impossible: [what: string, user: MysqlUser | MysqlProblem, given: object, message: RegExp][] = [
    [
      'has a right that the server does not know',
      server('mysql'),
      { priv: '*.*:SELECT; DROP' },
      /mysql 1 knows no privilege SELECT; DROP/,
    ],
    [
      'has a password that only the server can tell',
      server('mariadb', { authentication: [{ plugin: 'ed25519', hash: 'x' }] }),
      { password: 'x' },
      /shop@localhost cannot be compared.*ed25519/,
    ],
    [
      'is on a server that is not installed',
      { server: 'absent', error: 'no client' },
      {},
      /MySQL is not installed: no client/,
    ],
    [
      'is on a server that is down',
      { server: 'down', error: 'ERROR 2002' },
      {},
      /does not answer: ERROR 2002/,
    ],
    ['is on a server that refuses', { server: 'refused', error: 'ERROR 1698' }, {}, /refuses: ERROR 1698/],
  ]
  for (const [what, user, given, message] of impossible) {
    it(`cannot be judged when it ${what}`, () => {
      expect(() => plan(user, given)).to.throw(message)
    })
  }

  const wrong: [object, RegExp][] = [
    [{ priv: 'shop.*' }, /names no privileges/],
    [{ priv: 'shop:SELECT' }, /not a scope/],
    [{ priv: '*.t:SELECT' }, /no table in common/],
    [{ priv: 'd.*:SELECT (a' }, /not a list of privileges/],
    [{ password: 'x', plugin: 'y' }, /exclude each other/],
    [{ plugin: 'y; DROP' }, /not the name of a plugin/],
    [{ append_privs: true, subtract_privs: true }, /exclude each other/],
    [{ host_all: true }, /state: absent only/],
    [{ tls_requires: { SLL: null } }, /expected SSL/],
  ]
  for (const [given, message] of wrong) {
    it(`is refused as ${JSON.stringify(given)}`, () => {
      expect(() => mysqlUserModule.params.parse({ name: 'shop', ...given })).to.throw(message)
    })
  }
})
