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
    ['changes nothing if the user exists', {}, app, [], ''],
    ['creates a missing user', {}, absent, ['state'], "useradd '--create-home' -- 'app' || exit"],
    ['removes a user', { state: 'absent' }, app, ['state'], "userdel  -- 'app'"],
    ['changes nothing if the user is already removed', { state: 'absent' }, absent, [], ''],
    [
      'removes a user with the home directory',
      { state: 'absent', remove: true },
      app,
      ['state'],
      "userdel '--remove' -- 'app'",
    ],
    [
      'sets another shell',
      { shell: '/bin/bash' },
      app,
      ['shell'],
      "usermod '--shell=/bin/bash' -- 'app' || exit",
    ],
    [
      'changes nothing if all fields are the same',
      { shell: '/bin/sh', uid: 1700, home: '/home/app/', comment: '', expires: -1 },
      app,
      [],
      '',
    ],
    ['sets another uid', { uid: 1 }, app, ['uid'], "usermod '--uid=1' -- 'app' || exit"],
    [
      'moves the home directory',
      { home: '/srv', move_home: true },
      app,
      ['home'],
      "usermod '--home=/srv' '--move-home' -- 'app' || exit",
    ],
    [
      'sets the expiry date',
      { expires: 86400.5 },
      app,
      ['expires'],
      "usermod '--expiredate=1970-01-02' -- 'app' || exit",
    ],
    [
      'removes the expiry date',
      { expires: -1 },
      { ...app, expires: 5 },
      ['expires'],
      "usermod '--expiredate=' -- 'app' || exit",
    ],
    ['locks the password', { password_lock: true }, app, ['password_lock'], "usermod --lock -- 'app'"],
    [
      'unlocks the password',
      { password_lock: false },
      { ...app, locked: true, passwordHash: `!${hash}` },
      ['password_lock'],
      "usermod --unlock -- 'app'",
    ],
    [
      'does not unlock an account without a password',
      { password_lock: false },
      { ...app, locked: true, passwordHash: '!' },
      [],
      '',
    ],
    ['changes nothing if the password is the same', { password: hash }, app, [], ''],
    [
      'changes nothing if the password of a locked account is the same',
      { password: hash },
      { ...app, locked: true, passwordHash: `!${hash}` },
      [],
      '',
    ],
    [
      'does not change the password of an existing user with on_create',
      { password: '$6$x$y', update_password: 'on_create' },
      app,
      [],
      '',
    ],
  ]
  for (const [title, given, found, fields, text] of cases)
    it(title, () => {
      const result = plan(given, found)
      expect(result.fields).to.deep.equal(fields)
      expect(result.text.trim()).to.equal(text)
    })

  describe('groups', () => {
    const groups = [there, there]
    const both: [string, object, string[], string | undefined][] = [
      ['changes nothing if the groups only have another order', { groups: 'web,adm' }, [], undefined],
      ['removes the user from other groups', { groups: 'adm' }, ['groups'], '--groups=adm'],
      ['keeps other groups with append', { groups: 'adm', append: true }, [], undefined],
      [
        'adds groups with append',
        { groups: ['adm', 'sudo'], append: true },
        ['groups'],
        '--groups=adm,sudo,web',
      ],
      ['removes the user from all groups', { groups: '' }, ['groups'], '--groups='],
      ['ignores the primary group in the list', { groups: ['adm', 'web', 'app'] }, [], undefined],
    ]
    for (const [title, given, fields, option] of both)
      it(title, () => {
        const result = plan(given, app, { groups: [...groups, there] })
        expect(result.fields).to.deep.equal(fields)
        if (option !== undefined) expect(result.text).to.contain(quote(option))
      })

    it('reports all missing groups at once', () => {
      const missing = { exists: false }
      expect(() =>
        plan({ group: 'a', groups: ['b', 'c'] }, app, { group: missing, groups: [there, missing] }),
      ).to.throw(TaskFailure, 'there is no group a, c for the user app')
    })

    it('compares the primary group by number, even for a group that is only predicted', () => {
      expect(plan({ group: 'other' }, app, { group: there }).fields).to.deep.equal([])
      expect(plan({ group: 'web' }, app, { group: { exists: true, gid: 5 } }).fields).to.deep.equal(['group'])
      expect(plan({ group: 'web' }, app, { group: { exists: true } }).fields).to.deep.equal(['group'])
    })

    it('uses an existing group with the name of the user', () => {
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
    it('sends a password as an attachment, and shows it neither in the script nor in a change', () => {
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
        'keeps a locked account locked',
        { password: '$6$x$y' },
        { ...app, locked: true, passwordHash: `!${hash}` },
        '!$6$x$y',
      ],
      [
        'unlocks an account that had none',
        { password: hash },
        { ...app, locked: true, passwordHash: '!' },
        hash,
      ],
      ['is locked with password_lock: true', { password: '$6$x$y', password_lock: true }, app, '!$6$x$y'],
      [
        'is unlocked with password_lock: false',
        { password: '$6$x$y', password_lock: false },
        { ...app, locked: true, passwordHash: '!x' },
        '$6$x$y',
      ],
    ]
    for (const [title, given, found, expected] of locks)
      it(`sets a new password that ${title}`, () => {
        expect(attachedText(plan(given, found).step?.script, 'password')).to.equal(`app:${expected}\n`)
      })

    it('accepts only hashes as passwords', () => {
      for (const password of ['geheim', '', 'a:b', '$6$a$b\nroot:x', '12345'])
        expect(user.params.safeParse({ name: 'app', password }).success, password).to.equal(false)
      for (const password of ['!', '*', hash, '$y$j9T$abc$def', `!${hash}`])
        expect(user.params.safeParse({ name: 'app', password }).success, password).to.equal(true)
    })
  })

  it('passes any comment unchanged', () => {
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

  it('predicts the account for the rest of a dry run', () => {
    const { step } = plan({ uid: 5, groups: ['adm'], shell: '/bin/bash' }, absent, { groups: [there] })
    expect(step?.writes[0]).to.deep.include({ kind: 'user', subject: 'app' })
    expect(step?.writes[0])
      .to.have.property('value')
      .that.includes({ exists: true, uid: 5, group: 'app', home: '/home/app' })
  })

  it('rejects invalid names', () => {
    for (const name of ['', '-r', 'a b', 'a:b', '12', '$(id)', 'é', 'a'.repeat(33)])
      expect(user.params.safeParse({ name }).success, name).to.equal(false)
  })
})

describe('module group', () => {
  const cases: [string, object, GroupValue, string[], string][] = [
    ['changes nothing if the group exists', {}, there, [], ''],
    [
      'creates a missing group',
      { gid: 5, system: true },
      { exists: false },
      ['state'],
      "groupadd '--gid=5' '--system' -- 'app'",
    ],
    ['sets another number', { gid: 5 }, there, ['gid'], "groupmod '--gid=5' -- 'app'"],
    ['changes nothing if the number is the same', { gid: '1501' }, there, [], ''],
    ['changes nothing if the number is only predicted', { gid: 5 }, { exists: true }, [], ''],
    ['removes a group', { state: 'absent' }, there, ['state'], "groupdel -- 'app'"],
    ['changes nothing if the group is already removed', { state: 'absent' }, { exists: false }, [], ''],
  ]
  for (const [title, given, found, fields, text] of cases)
    it(title, () => {
      const params = group.params.parse({ name: 'app', ...given })
      const state = { group: found } as never
      const changes = group.diff(state, params)
      expect(changes.map(({ field }) => field)).to.deep.equal(fields)
      const [step] = changes.length === 0 ? [] : group.apply(changes, params, state)
      expect(step?.script.text ?? '').to.equal(text)
      if (step !== undefined) lint(step.script)
    })
})
