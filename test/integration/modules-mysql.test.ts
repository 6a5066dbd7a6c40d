import { expect } from 'chai'

import type { Change } from '../../src/modules/definition/change.ts'
import type { AnyModule } from '../../src/modules/definition/module.ts'
import { mysqlDb } from '../../src/modules/mysql_db.ts'
import { mysqlUserModule } from '../../src/modules/mysql_user.ts'
import type { Machine, Release } from '../../src/sandbox/index.ts'
import { attach, sh } from '../../src/target/sh.ts'
import { machine, ssh } from './machine.ts'
import { Session } from './session.ts'

interface Flavour {
  readonly name: string
  readonly release: Release
  readonly install: string
}

const flavours: readonly Flavour[] = [
  { name: 'MariaDB of Debian 12', release: 'bookworm', install: 'apt-get -qy install mariadb-server' },
  { name: 'MariaDB of Debian 13', release: 'trixie', install: 'apt-get -qy install mariadb-server' },
  {
    name: "MySQL of Debian's sid",
    release: 'trixie',
    install: `
      sed 's/^Suites: trixie .*/Suites: sid/; s/^Suites: trixie$/Suites: sid/' /etc/apt/sources.list.d/debian.sources >/tmp/sid
      awk -v RS= '/Suites: sid/ { print $0 "\\nCheck-Valid-Until: no\\n"; exit }' /tmp/sid >/etc/apt/sources.list.d/sid.sources
      printf 'Package: *\\nPin: release n=sid\\nPin-Priority: 100\\n' >/etc/apt/preferences.d/sid
      apt-get -qq update
      apt-get -qy install -t sid mysql-server
    `,
  },
]

/** A password that a shell, an option file and SQL could each misread. */
const nastyPassword = `p'a"s\\s $(id)\`id\`\nwörd #;`

for (const { name, release, install } of flavours) {
  describe(`databases and users of the ${name}`, () => {
    const host = machine({ release, name: name.toLowerCase().replaceAll(/\W+/g, '-') })

    let session: Session

    before('the server is installed', async function () {
      this.timeout(600_000)
      session = await Session.open(host)
      expect(await failureOf(session.plan(mysqlDb, { name: 'shop' }))).to.include('MySQL is not installed')
      await demand(session, `export DEBIAN_FRONTEND=noninteractive\napt-get -qq update\n${install}`)
    })

    after(async () => {
      await session.close()
    })

    it('are created once', async () => {
      await settles(session, mysqlDb, { name: ['shop', 'we`ird\'\n"däta\\base'], encoding: 'utf8mb4' })
      await settles(session, mysqlUserModule, {
        name: 'shop',
        password: 'first',
        priv: 'shop.*:SELECT,INSERT',
      })
      expect(await logIn(session, 'shop', 'first', 'shop')).to.equal(true)
      expect(await logIn(session, 'shop', 'second', 'shop')).to.equal(false)
      expect(await logIn(session, 'shop', 'first', 'mysql')).to.equal(false)
    })

    it('accept a new password, which then logs in', async () => {
      const changes = await settles(session, mysqlUserModule, { name: 'shop', password: nastyPassword })
      expect(changes.map(({ field }) => field)).to.deep.equal(['password'])
      expect(await logIn(session, 'shop', nastyPassword, 'shop')).to.equal(true)
      expect(await logIn(session, 'shop', 'first', 'shop')).to.equal(false)
    })

    it('keep their password with update_password: on_create', async () => {
      const given = { name: 'shop', password: 'other', update_password: 'on_create' }
      expect((await session.plan(mysqlUserModule, given)).changes).to.be.empty
    })

    it('can be read with a password, which no process list shows', async () => {
      const secret = `hunter2-${'x'.repeat(20)}`
      const watch = watchProcesses(host, secret)
      await settles(session, mysqlUserModule, { name: 'admin', password: secret, priv: '*.*:ALL,GRANT' })
      const login = { login_user: 'admin', login_password: secret }
      await settles(session, mysqlUserModule, { ...login, name: 'other', priv: 'shop.*:SELECT' })
      await settles(session, mysqlDb, { ...login, name: 'other' })
      await demand(session, 'touch /tmp/stop')
      expect(await watch).to.equal('0\n')
    })

    const rights: [
      what: string,
      priv: string | Record<string, string>,
      again?: string | Record<string, string>,
    ][] = [
      ['all rights', '*.*:ALL'],
      ['all rights and that to hand them on', '*.*:ALL,GRANT'],
      ['one right of all', '*.*:SELECT'],
      ['a database and all in it', 'shop.*:ALL,GRANT/*.*:PROCESS'],
      ['patterns', { 'sh\\_p.*': 'ALL', 'sh_p.*': 'select , insert', 's%.*': 'SELECT' }],
      [
        'columns and routines',
        'shop.t:SELECT (a, b),UPDATE/FUNCTION shop.f:EXECUTE',
        'shop.t:UPDATE,SELECT(B,a)/FUNCTION shop.f:EXECUTE',
      ],
      ['all of a table and of a function', 'shop.t:ALL/FUNCTION shop.f:ALL'],
      ['nothing', '*.*:USAGE'],
    ]
    for (const [what, priv, again = priv] of rights) {
      it(`are granted exactly ${what}, once`, async () => {
        await sql(
          session,
          'CREATE TABLE IF NOT EXISTS shop.t (a INT, b INT); CREATE FUNCTION IF NOT EXISTS shop.f() RETURNS INT NO SQL RETURN 1',
        )
        await settles(session, mysqlUserModule, { name: 'other', priv })
        expect((await session.plan(mysqlUserModule, { name: 'other', priv: again })).changes).to.be.empty
      })
    }

    it('get back a revoked right', async () => {
      const given = { name: 'shop', priv: 'shop.*:SELECT,INSERT' }
      await sql(session, "REVOKE INSERT ON shop.* FROM 'shop'@'localhost'")
      const changes = await settles(session, mysqlUserModule, given)
      expect(changes).to.deep.equal([
        { field: 'privileges on `shop`.*', before: ['SELECT'], after: ['INSERT', 'SELECT'] },
      ])
    })

    it('have odd names and require certificates', async () => {
      const given = { name: "we'ird\\`ü", host: '10.0.%', password: 'x', priv: 'shop.*:SELECT' }
      await settles(session, mysqlUserModule, {
        ...given,
        tls_requires: { SUBJECT: "/CN=it's", ISSUER: '/CN=x' },
      })
      await settles(session, mysqlUserModule, { ...given, tls_requires: {} })
    })

    it('let root log in by the local socket and by a password, if the server supports it', async function () {
      if (name.startsWith('MySQL')) this.skip()
      await settles(session, mysqlUserModule, { name: 'root', password: 'root' })
      expect(await logIn(session, 'root', 'root', 'mysql')).to.equal(true)
      expect((await session.plan(mysqlUserModule, { name: 'root', password: 'root' })).changes).to.be.empty
    })

    it('change from the local socket to a password', async () => {
      const plugin = name.startsWith('MySQL') ? 'auth_socket' : 'unix_socket'
      await settles(session, mysqlUserModule, { name: 'shop', plugin })
      expect(await logIn(session, 'shop', nastyPassword, 'shop')).to.equal(false)
      await settles(session, mysqlUserModule, { name: 'shop', password: 'third' })
      expect(await logIn(session, 'shop', 'third', 'shop')).to.equal(true)
    })

    it('show the error of the server, and no statement with a password', async () => {
      const given = { name: 'shop', plugin: 'no_such_plugin', plugin_auth_string: 'hunter2' }
      const { outputs } = await session.converge(mysqlUserModule, given)
      expect(outputs.at(-1)?.stderr).to.match(/^ERROR \d+/)
      expect(outputs.at(-1)?.stderr).not.to.include('hunter2')
    })

    it('are dropped once', async () => {
      await settles(session, mysqlUserModule, { name: 'other', host_all: true, state: 'absent' })
      await settles(session, mysqlUserModule, { name: "we'ird\\`ü", host_all: true, state: 'absent' })
      await settles(session, mysqlDb, { name: ['we`ird\'\n"däta\\base'], state: 'absent' })
    })

    it('are unknown while the server is down', async () => {
      await demand(session, 'systemctl stop mysql')
      const error = await failureOf(session.plan(mysqlDb, { name: 'shop' }))
      expect(error).to.match(/does not answer: ERROR 2002/)
    })
  })
}

/** Converges, and checks that nothing is left to change. Returns the changes. */
async function settles(session: Session, module: AnyModule, given: object): Promise<readonly Change[]> {
  const { changes, outputs, left } = await session.converge(module, given)
  expect(outputs.map(({ stderr }) => stderr).join('')).to.equal('')
  expect(changes).not.to.deep.equal([])
  expect(left).to.deep.equal([])
  return changes
}

async function logIn(session: Session, user: string, password: string, database: string): Promise<boolean> {
  const escaped = password.replaceAll(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')
  const options = attach('login.cnf', `[client]\nuser=${user}\npassword="${escaped}"\n`)
  const { stdout } = await session.run(sh`
    client=$(command -v mariadb || command -v mysql)
    "$client" --defaults-file=${options} -N -e 'SELECT "in"' ${database}
  `)
  return stdout === 'in\n'
}

/** Returns how often the secret was in arguments and environments until /tmp/stop exists. */
async function watchProcesses(host: Machine, secret: string): Promise<string> {
  const { stdout } = await ssh(
    host,
    `until [ -e /tmp/stop ]; do cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null; done |
      tr '\\0' '\\n' | grep -c '[${secret.slice(0, 1)}]${secret.slice(1)}'`,
    { user: 'root' },
  )
  return stdout
}

async function sql(session: Session, statements: string): Promise<void> {
  await demand(session, `$(command -v mariadb || command -v mysql) <<'END'\n${statements}\nEND`)
}

async function demand(session: Session, script: string): Promise<void> {
  const { code, stdout, stderr } = await session.run(sh`exec sh -e ${attach('demand', script)}`)
  expect(code, `${stdout}\n${stderr}`).to.equal(0)
}

async function failureOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('it did not fail')
}
