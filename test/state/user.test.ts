import { expect } from 'chai'
import fc from 'fast-check'

import type { UserValue } from '../../src/state/account/value.ts'
import type { Write } from '../../src/state/definition/write.ts'
import { group } from '../../src/state/group.ts'
import { path } from '../../src/state/path.ts'
import { user } from '../../src/state/user.ts'
import { lint, readState, shells } from '../modules/harness.ts'

const questions = ['root', 'app', 'nobody-here', '33'].map((name) => ({ name }))

const output = `== passwd
root:x:0:0:root:/root:/bin/bash
app:x:1700:1501:Größe "x" $(id):/srv/app:/bin/bash
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
== group
root:x:0:
adm:x:4:syslog,app
www-data:x:33:
web:x:1501:
users:x:100:apple
== shadow
root:*:20044:0:99999:7:::
app:!$6$salt$hash:20044:0:99999:7::21915:
`

describe('kind user', () => {
  it('reads all accounts with one script that passes the linters', () => {
    lint(user.read(questions))
    lint(user.read([{ name: 'root' }]))
  })

  for (const shell of shells)
    it(`finds the users of this machine with ${shell}`, () => {
      const { users } = readState({ users: questions.map((question) => user.key(question)) }, shell)
      expect((users as UserValue[]).map(({ exists }) => exists)).to.deep.equal([true, false, false, true])
      expect((users as UserValue[])[0]).to.include({ uid: 0, gid: 0, group: 'root', home: '/root' })
    })

  it('combines passwd, group and shadow', () => {
    const [root, app, nobody, numbered] = user.parse(output, questions)
    expect(root).to.include({ uid: 0, group: 'root', locked: false, passwordHash: '*', expires: -1 })
    expect(app).to.deep.equal({
      exists: true,
      uid: 1700,
      gid: 1501,
      group: 'web',
      groups: ['adm'],
      home: '/srv/app',
      shell: '/bin/bash',
      comment: 'Größe "x" $(id)',
      locked: true,
      passwordHash: '!$6$salt$hash',
      expires: 21915,
    })
    expect(nobody).to.deep.equal({ exists: false })
    expect(numbered).to.include({ uid: 33, home: '/var/www' })
    expect(numbered).not.to.have.property('passwordHash')
  })

  it('prefers a name that consists of digits to a uid', () => {
    const accounts = '== passwd\n33:x:5000:33::/:/bin/sh\nwww-data:x:33:33::/:/bin/sh\n== group\n== shadow\n'
    expect(user.parse(accounts, [{ name: '33' }])[0]).to.include({ uid: 5000 })
  })

  it('never shows a hash in an error', () => {
    const broken = '== passwd\n== group\n== shadow\nroot:$6$secret\n'
    expect(() => user.parse(broken, [{ name: 'root' }]))
      .to.throw('root has 2 fields')
      .not.to.match(/secret/)
  })

  it('rejects unexpected and incomplete output', () => {
    expect(() => user.parse('getent: what?\n', questions)).to.throw('before the first heading')
    expect(() => user.parse('== passwd\n== group\n', questions)).to.throw('ends before == shadow')
  })

  it('returns any unknown name as absent', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (name) => {
        fc.pre(!['root', 'app', 'www-data', '0', '1700', '33'].includes(name))
        expect(user.parse(output, [{ name }])).to.deep.equal([{ exists: false }])
      }),
    )
  })

  describe('freshness', () => {
    const packages: Write = { type: 'scope', scope: 'packages', until: 'nginx is installed' }
    const anything: Write = { type: 'scope', scope: 'anything', until: 'it has run' }
    const services: Write = { type: 'scope', scope: 'services', until: 'nginx is started' }
    const absent = { exists: false }
    const system = { exists: true, uid: 33, group: 'www-data', groups: [] }
    const regular = { exists: true, uid: 1700, group: 'app', groups: ['web'] }
    const cases: [string, Write, UserValue, boolean][] = [
      ['by packages, when absent', packages, absent, true],
      ['by packages, when a system user', packages, system, true],
      ['by packages, when a regular user', packages, regular, false],
      ['by anything', anything, regular, true],
      ['by services', services, absent, false],
      ['by another user', user.write({ name: 'other' }, { exists: true }), regular, false],
      ['by the removal of its group', group.write({ name: 'web' }, { exists: false }), regular, true],
      ['by its own group', group.write({ name: 'app' }, { exists: true, gid: 9 }), regular, true],
      ['by another group', group.write({ name: 'adm' }, { exists: true }), regular, false],
      ['by a group, when absent', group.write({ name: 'adm' }, { exists: true }), absent, false],
      ['by /etc/passwd', path.write({ path: '/etc/passwd' }), regular, true],
      ['by /etc', path.write({ path: '/etc' }), regular, true],
      ['by a template of nginx', path.write({ path: '/etc/nginx/nginx.conf' }), regular, false],
    ]
    for (const [title, write, answer, expected] of cases)
      it(`is ${expected ? '' : 'not '}affected ${title}`, () => {
        expect(user.touchedBy({ name: 'app' }, write, answer)).to.equal(expected)
      })
  })
})

describe('kind group', () => {
  const names = ['adm', 'nothing', '33'].map((name) => ({ name }))

  it('passes the linters', () => {
    lint(group.read(names))
  })

  it('parses the output of getent', () => {
    expect(group.parse('adm:x:4:syslog\nwww-data:x:33:\n', names)).to.deep.equal([
      { exists: true, gid: 4 },
      { exists: false },
      { exists: true, gid: 33 },
    ])
    expect(() => group.parse('adm:x:4\n', names)).to.throw('unexpected line of the group database')
  })

  for (const shell of shells)
    it(`finds the groups of this machine with ${shell}`, () => {
      const { groups } = readState({ groups: names.map((question) => group.key(question)) }, shell)
      expect(groups).to.deep.equal([{ exists: true, gid: 4 }, { exists: false }, { exists: true, gid: 33 }])
    })

  it('depends on packages only for system groups, and on the user of the same name', () => {
    const packages: Write = { type: 'scope', scope: 'packages', until: 'nginx is installed' }
    const touched = (write: Write, gid?: number) =>
      group.touchedBy({ name: 'app' }, write, gid === undefined ? { exists: false } : { exists: true, gid })
    expect(touched(packages)).to.equal(true)
    expect(touched(packages, 33)).to.equal(true)
    expect(touched(packages, 1700)).to.equal(false)
    expect(touched(user.write({ name: 'app' }, { exists: true }), 1700)).to.equal(true)
    expect(touched(user.write({ name: 'other' }, { exists: true }), 1700)).to.equal(false)
    expect(touched(path.write({ path: '/etc/nginx/x' }), 33)).to.equal(false)
  })
})
