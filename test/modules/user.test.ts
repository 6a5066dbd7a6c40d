import { expect } from 'chai'
import fc from 'fast-check'

import { TaskFailure } from '../../src/errors.ts'
import { group } from '../../src/modules/group.ts'
import { user } from '../../src/modules/user.ts'
import type { GroupValue, UserValue } from '../../src/state/account/value.ts'
import { quote } from '../../src/target/sh.ts'
import { attachedText } from '../attachments.ts'
import { lint, run } from './harness.ts'

const hash = '$6$salt$secrethash'
const app: UserValue = {
  exists: true,
  uid: 1700,
  gid: 1501,
  group: 'app',
  groups: ['adm', 'web'],
  home: '/home/app',
  shell: '/bin/sh',
  comment: '',
  locked: false,
  passwordHash: hash,
  expires: -1,
}
const absent: UserValue = { exists: false }
const there: GroupValue = { exists: true, gid: 1501 }

interface Groups {
  readonly group?: GroupValue
  readonly groups?: readonly GroupValue[]
  readonly own?: GroupValue
}

function plan(given: object, found: UserValue, groups: Groups = {}) {
  const params = user.params.parse({ name: 'app', ...given })
  const state = { user: found, groups: [], ...groups } as never
  const changes = user.diff(state, params)
  const [step] = changes.length === 0 ? [] : user.apply(changes, params, state)
  if (step !== undefined) lint(step.script)
  return { changes, fields: changes.map(({ field }) => field), step, text: step?.script.text ?? '' }
}

describe('module user', () => {
  const cases: [string, object, UserValue, string[], string][] = [
    ['one that is there', {}, app, [], ''],
    ['one that is not', {}, absent, ['state'], "useradd '--create-home' -- 'app' || exit"],
    ['one to be removed', { state: 'absent' }, app, ['state'], "userdel  -- 'app'"],
    ['one that was removed', { state: 'absent' }, absent, [], ''],
    ['with the home', { state: 'absent', remove: true }, app, ['state'], "userdel '--remove' -- 'app'"],
    ['another shell', { shell: '/bin/bash' }, app, ['shell'], "usermod '--shell=/bin/bash' -- 'app' || exit"],
    [
      'the same fields',
      { shell: '/bin/sh', uid: 1700, home: '/home/app/', comment: '', expires: -1 },
      app,
      [],
      '',
    ],
    ['another uid', { uid: 1 }, app, ['uid'], "usermod '--uid=1' -- 'app' || exit"],
    [
      'another home',
      { home: '/srv', move_home: true },
      app,
      ['home'],
      "usermod '--home=/srv' '--move-home' -- 'app' || exit",
    ],
    ['an end', { expires: 86400.5 }, app, ['expires'], "usermod '--expiredate=1970-01-02' -- 'app' || exit"],
    [
      'no end',
      { expires: -1 },
      { ...app, expires: 5 },
      ['expires'],
      "usermod '--expiredate=' -- 'app' || exit",
    ],
    ['a lock', { password_lock: true }, app, ['password_lock'], "usermod --lock -- 'app'"],
    [
      'no lock',
      { password_lock: false },
      { ...app, locked: true, passwordHash: `!${hash}` },
      ['password_lock'],
      "usermod --unlock -- 'app'",
    ],
    [
      'no lock of one without a password',
      { password_lock: false },
      { ...app, locked: true, passwordHash: '!' },
      [],
      '',
    ],
    ['the same password', { password: hash }, app, [], ''],
    [
      'the same password of a locked one',
      { password: hash },
      { ...app, locked: true, passwordHash: `!${hash}` },
      [],
      '',
    ],
    ['another password, once made', { password: '$6$x$y', update_password: 'on_create' }, app, [], ''],
  ]
  for (const [title, given, found, fields, text] of cases)
    it(`compares ${title}`, () => {
      const result = plan(given, found)
      expect(result.fields).to.deep.equal(fields)
      expect(result.text.trim()).to.equal(text)
    })

  describe('groups', () => {
    const groups = [there, there]
    const both: [string, object, string[], string | undefined][] = [
      ['the same, in any order', { groups: 'web,adm' }, [], undefined],
      ['fewer', { groups: 'adm' }, ['groups'], '--groups=adm'],
      ['fewer, but appended', { groups: 'adm', append: true }, [], undefined],
      ['more, appended', { groups: ['adm', 'sudo'], append: true }, ['groups'], '--groups=adm,sudo,web'],
      ['none', { groups: '' }, ['groups'], '--groups='],
      ['with the first one', { groups: ['adm', 'web', 'app'] }, [], undefined],
    ]
    for (const [title, given, fields, option] of both)
      it(title, () => {
        const result = plan(given, app, { groups: [...groups, there] })
        expect(result.fields).to.deep.equal(fields)
        if (option !== undefined) expect(result.text).to.contain(quote(option))
      })

    it('that do not exist are refused, all at once', () => {
      const missing = { exists: false }
      expect(() =>
        plan({ group: 'a', groups: ['b', 'c'] }, app, { group: missing, groups: [there, missing] }),
      ).to.throw(TaskFailure, 'there is no group a, c for the user app')
    })

    it('the first one is compared by number, also for one yet to be made', () => {
      expect(plan({ group: 'other' }, app, { group: there }).fields).to.deep.equal([])
      expect(plan({ group: 'web' }, app, { group: { exists: true, gid: 5 } }).fields).to.deep.equal(['group'])
      expect(plan({ group: 'web' }, app, { group: { exists: true } }).fields).to.deep.equal(['group'])
    })

    it('of its own name is taken when it is there', () => {
      expect(plan({}, absent, { own: there }).text).to.contain("'--gid=app'")
      const written = plan({ uid: 5 }, absent, { own: { exists: false } }).step?.writes
      expect(written?.[1]).to.deep.equal({
        type: 'thing',
        kind: 'group',
        subject: 'app',
        value: { exists: true },
      })
    })
  })

  describe('passwords', () => {
    it('travel beside the script, never in it, and show in no change', () => {
      for (const found of [absent, { ...app, passwordHash: '*' }]) {
        const { step, changes, text } = plan({ password: hash }, found)
        expect(text).not.to.contain('secrethash')
        expect(text).to.contain('chpasswd --encrypted < "$FILES/password"')
        expect(attachedText(step?.script, 'password')).to.equal(`app:${hash}\n`)
        expect(changes.filter(({ field }) => field === 'password').every(({ secret }) => secret)).to.equal(
          true,
        )
      }
    })

    const locks: [string, object, UserValue, string][] = [
      [
        'of a locked account stays locked',
        { password: '$6$x$y' },
        { ...app, locked: true, passwordHash: `!${hash}` },
        '!$6$x$y',
      ],
      [
        'of an account without one opens it',
        { password: hash },
        { ...app, locked: true, passwordHash: '!' },
        hash,
      ],
      ['is locked with it', { password: '$6$x$y', password_lock: true }, app, '!$6$x$y'],
      [
        'is unlocked with it',
        { password: '$6$x$y', password_lock: false },
        { ...app, locked: true, passwordHash: '!x' },
        '$6$x$y',
      ],
    ]
    for (const [title, given, found, expected] of locks)
      it(`a new one ${title}`, () => {
        expect(attachedText(plan(given, found).step?.script, 'password')).to.equal(`app:${expected}\n`)
      })

    it('are hashes: a plain one is refused before it goes anywhere', () => {
      for (const password of ['geheim', '', 'a:b', '$6$a$b\nroot:x', '12345'])
        expect(user.params.safeParse({ name: 'app', password }).success, password).to.equal(false)
      for (const password of ['!', '*', hash, '$y$j9T$abc$def', `!${hash}`])
        expect(user.params.safeParse({ name: 'app', password }).success, password).to.equal(true)
    })
  })

  it('any comment arrives as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (comment) => {
        fc.pre(!/[:\n\0]/.test(comment) && comment !== '')
        const params = user.params.parse({ name: 'app', comment })
        const state = { user: app, groups: [] } as never
        const [step] = user.apply(user.diff(state, params), params, state)
        const fake = `usermod() { printf '%s' "$1"; }\n${step!.script.text}`
        expect(run({ text: fake, attachments: new Map() }).stdout).to.equal(`--comment=${comment}`)
      }),
      { numRuns: 30 },
    )
  })

  it('predicts the account that a dry run goes on with', () => {
    const { step } = plan({ uid: 5, groups: ['adm'], shell: '/bin/bash' }, absent, { groups: [there] })
    expect(step?.writes[0]).to.deep.include({ kind: 'user', subject: 'app' })
    expect(step?.writes[0])
      .to.have.property('value')
      .that.includes({ exists: true, uid: 5, group: 'app', home: '/home/app' })
  })

  it('refuses names that are none', () => {
    for (const name of ['', '-r', 'a b', 'a:b', '12', '$(id)', 'é', 'a'.repeat(33)])
      expect(user.params.safeParse({ name }).success, name).to.equal(false)
  })
})

describe('module group', () => {
  const cases: [string, object, GroupValue, string[], string][] = [
    ['one that is there', {}, there, [], ''],
    [
      'one that is not',
      { gid: 5, system: true },
      { exists: false },
      ['state'],
      "groupadd '--gid=5' '--system' -- 'app'",
    ],
    ['another number', { gid: 5 }, there, ['gid'], "groupmod '--gid=5' -- 'app'"],
    ['the same number', { gid: '1501' }, there, [], ''],
    ['a number that is not known yet', { gid: 5 }, { exists: true }, [], ''],
    ['one to be removed', { state: 'absent' }, there, ['state'], "groupdel -- 'app'"],
    ['one that was removed', { state: 'absent' }, { exists: false }, [], ''],
  ]
  for (const [title, given, found, fields, text] of cases)
    it(`compares ${title}`, () => {
      const params = group.params.parse({ name: 'app', ...given })
      const state = { group: found } as never
      const changes = group.diff(state, params)
      expect(changes.map(({ field }) => field)).to.deep.equal(fields)
      const [step] = changes.length === 0 ? [] : group.apply(changes, params, state)
      expect(step?.script.text ?? '').to.equal(text)
      if (step !== undefined) lint(step.script)
    })
})
