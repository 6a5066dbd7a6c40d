import { expect } from 'chai'
import fc from 'fast-check'

import type { Write } from '../../src/state/definition/write.ts'
import { isMysqlProblem, mysql } from '../../src/state/mysql.ts'
import { runSql } from '../../src/state/mysql/client.ts'
import type { MysqlQuestion } from '../../src/state/mysql/value.ts'
import { attachedText } from '../attachments.ts'
import { lint } from '../modules/harness.ts'

const hex = (text: string): string => Buffer.from(text).toString('hex').toUpperCase()

const shopDatabase: MysqlQuestion = { about: 'database', connection: {}, name: 'shop' }
const shopUser: MysqlQuestion = { about: 'user', connection: {}, name: 'shop', host: 'localhost' }
const nobody: MysqlQuestion = { about: 'user', connection: {}, name: 'nobody', host: 'localhost' }
const elsewhere: MysqlQuestion = { ...shopDatabase, connection: { socket: '/nowhere' } }

/** The output of MariaDB 10.11 without most of its privileges. */
const mariadb = [
  '== connection',
  '== server\t10.11.18-MariaDB-0+deb12u1\t1',
  `== database\t${hex('shop')}\tutf8mb4\tutf8mb4_bin`,
  `== account\t${hex('shop')}\t${hex('localhost')}\t${hex(
    '{"access":0,"plugin":"mysql_native_password","authentication_string":"*14E6","auth_or":[{},{"plugin":"unix_socket"}]}',
  )}`,
  `== account\t${hex('shop')}\t${hex('10.0.%')}\t${hex('{"access":0,"plugin":"mysql_native_password","authentication_string":"","ssl_type":2}')}`,
  '== privileges',
  'Alter\tTables\tTo alter the table',
  'Read_only admin\tServer\tTo perform write operations even if @@read_only=ON',
  `== grants\t${hex('shop')}\t${hex('localhost')}`,
  "GRANT USAGE ON *.* TO `shop`@`localhost` IDENTIFIED BY PASSWORD '*14E6'",
  'GRANT SELECT ON `sh\\\\_op`.* TO `shop`@`localhost`',
  `== grants\t${hex('nobody')}\t${hex('localhost')}`,
  '== end\t0',
  '! ',
]

/** The output of MySQL 9.7. */
const oracle = [
  '== connection',
  '== server\t9.7.4-2\t0',
  `== account\t${hex('shop')}\t${hex('localhost')}\t${hex('caching_sha2_password')}\t2441FF\t${hex('SPECIFIED')}\t\t${hex('/CN=ca')}\t`,
  '== privileges',
  'CLONE_ADMIN\tServer Admin\t',
  `== grants\t${hex('shop')}\t${hex('localhost')}`,
  'GRANT USAGE ON *.* TO `shop`@`localhost`',
  '== end\t0',
  '! mysql: [Warning] Something.',
]

const down = ['== connection', '== end\t1', "! ERROR 2002 (HY000): Can't connect to local server"]

describe('kind mysql', () => {
  it('uses one client for each connection', () => {
    const script = mysql.read([shopDatabase, elsewhere, shopUser, nobody])
    expect(script.text.match(/^mysql_ask "/gm)).to.have.length(2)
    expect([...script.attachments.keys()]).to.deep.equal(['mysql-0.sql', 'mysql-1.sql'])
    lint(script)
  })

  it('parses the tables of MariaDB', () => {
    const [database, user, missing, problem] = mysql.parse([...mariadb, ...down, ''].join('\n'), [
      shopDatabase,
      shopUser,
      nobody,
      elsewhere,
    ])
    const server = { server: 'mariadb', version: '10.11.18-MariaDB-0+deb12u1' }
    expect(database).to.deep.equal({
      ...server,
      database: { characterSet: 'utf8mb4', collation: 'utf8mb4_bin' },
    })
    expect(user).to.deep.include({
      ...server,
      hosts: ['localhost', '10.0.%'],
      privileges: ['ALTER', 'READ_ONLY ADMIN'],
    })
    expect(user).to.have.deep.nested.property('account.authentication', [
      { plugin: 'mysql_native_password', hash: '*14E6' },
      { plugin: 'unix_socket', hash: '' },
    ])
    expect(user).to.have.nested.property('account.grants[1].scope.database', 'sh\\_op')
    expect(missing)
      .to.include({ ...server })
      .and.not.to.have.property('account')
    expect(problem).to.deep.equal({
      server: 'down',
      error: "ERROR 2002 (HY000): Can't connect to local server",
    })
  })

  it('parses the tables of MySQL', () => {
    const [user, database] = mysql.parse([...oracle, ''].join('\n'), [shopUser, shopDatabase])
    expect(user).to.deep.include({ server: 'mysql', version: '9.7.4-2', privileges: ['CLONE_ADMIN'] })
    expect(user).to.have.deep.nested.property('account.authentication', [
      { plugin: 'caching_sha2_password', hash: '$A\xff' },
    ])
    expect(user).to.have.nested.property('account.tls.type', 'specified')
    expect(user).to.have.nested.property('account.tls.issuer', '/CN=ca')
    expect(database).to.deep.equal({ server: 'mysql', version: '9.7.4-2' })
  })

  it('returns a problem without a client', () => {
    const [answer] = mysql.parse('== connection\n== absent\n', [shopUser])
    expect(answer).to.include({ server: 'absent' })
    expect(isMysqlProblem(answer!)).to.equal(true)
  })

  it('returns a problem if the server refuses the login', () => {
    const output = "== connection\n== end\t1\n! ERROR 1698 (28000): Access denied for user 'me'@'localhost'\n"
    expect(mysql.parse(output, [shopUser])[0]).to.include({ server: 'refused' })
  })

  it('rejects unexpected output', () => {
    expect(() => mysql.parse('hello\n', [shopUser])).to.throw('output before')
    expect(() => mysql.parse('== connection\n', [shopUser])).to.throw('incomplete')
    expect(() => mysql.parse('', [shopUser])).to.throw('0 answers')
    expect(() => mysql.parse('== connection\n== end\t0\n! \n', [shopUser])).to.throw('lacks the server')
  })

  const touching: [name: string, write: Write, touched: boolean][] = [
    ['writes to another database', mysql.write({ ...shopDatabase, name: 'other' }), false],
    ['writes to another user', mysql.write({ ...shopUser, name: 'other' }), false],
    ['writes to the user who connects', mysql.write({ ...shopUser, name: 'root' }), true],
    ['the installation of packages', { type: 'scope', scope: 'packages', until: '' }, true],
    ['the start of the server', { type: 'thing', kind: 'unit', subject: 'mariadb.service' }, true],
    ['writes to a web page', { type: 'thing', kind: 'path', subject: '/var/www/index.php' }, false],
    [
      'the configuration of clients is written',
      { type: 'thing', kind: 'path', subject: '/etc/mysql/conf.d/x.cnf' },
      true,
    ],
    ["writes to root's option file", { type: 'thing', kind: 'path', subject: '/root/.my.cnf' }, true],
  ]
  for (const [name, write, touched] of touching) {
    it(`${touched ? 'depends' : 'does not depend'} on ${name}`, () => {
      expect(mysql.touchedBy(shopUser, write, { server: 'absent', error: '' })).to.equal(touched)
    })
  }

  it('has no password in the subject', () => {
    const write = mysql.write({
      ...shopUser,
      connection: { user: 'root', password: 'hunter2', host: 'db', port: 3307 },
    })
    expect(write.subject).to.equal('user shop@localhost at db:3307')
  })
})

describe('statements for a server', () => {
  const connection = { user: 'root', password: 'hun"ter\\2\n', host: 'db' }

  it('passes statements and the password as attachments', () => {
    const script = runSql(connection, ["ALTER USER 'a' IDENTIFIED BY 'hunter2';"])
    expect(script.text).not.to.match(/hunter2|hun"ter/)
    expect(attachedText(script, 'mysql.sql')).to.equal(
      "SET SESSION sql_mode = '';\nALTER USER 'a' IDENTIFIED BY 'hunter2';\n",
    )
    expect(attachedText(script, 'mysql.cnf')).to.equal(
      '[client]\nhost="db"\nuser="root"\npassword="hun\\"ter\\\\2\\n"\n',
    )
    lint(script)
  })

  it('uses the socket, host and port of the connection', () => {
    const script = runSql({ socket: "/run/it's.sock", configFile: '/root/.my.cnf' }, [])
    expect(script.text).to.include(`'--socket=/run/it'\\''s.sock'`)
    expect(script.text).to.include('--defaults-extra-file=')
    lint(script)
    lint(runSql({}, []))
  })

  it('writes any password on one line of the option file', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (password) => {
        const options = attachedText(runSql({ password }, []), 'mysql.cnf')!
        expect(options.split('\n')).to.have.length(3)
        expect(options).to.match(/\npassword="(?:[^"\\]|\\[nrt"\\])*"\n$/)
      }),
    )
  })
})
