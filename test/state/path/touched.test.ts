import { expect } from 'chai'

import type { Write } from '../../../src/state/definition/write.ts'
import { deployLock } from '../../../src/state/deploy-lock.ts'
import { deployment } from '../../../src/state/deployment.ts'
import { group } from '../../../src/state/group.ts'
import { path } from '../../../src/state/path.ts'
import { possiblePaths } from '../../../src/state/path/possible.ts'
import type { ExistingPath, PathQuestion, PathState } from '../../../src/state/path/value.ts'
import { unit } from '../../../src/state/unit.ts'
import { user } from '../../../src/state/user.ts'

const absent: PathState = { exists: false }
const file: ExistingPath = { exists: true, type: 'file', mode: '0644', owner: 'root', group: 'root' }
const directory: ExistingPath = { ...file, type: 'directory', mode: '0755' }
const link: ExistingPath = { ...file, type: 'link', mode: '0777', target: '/x' }
const packages = { type: 'scope', scope: 'packages', until: '' } as const
const services = { type: 'scope', scope: 'services', until: '' } as const
const anything = { type: 'scope', scope: 'anything', until: '' } as const
const deployed = deployment.write({ root: '/srv/shop' })
const locked = deployLock.write({ root: '/srv/shop' })

function write(of: string, value?: PathState): Write {
  return path.write({ path: of }, value)
}

const cases: readonly [
  what: string,
  question: PathQuestion,
  answer: PathState,
  write: Write,
  touched: boolean,
][] = [
  ['another file', { path: '/a/b' }, file, write('/a/c', file), false],
  ['a file with a longer name', { path: '/a/b' }, file, write('/a/bc', file), false],
  ['a new directory above an absent path', { path: '/a/b' }, absent, write('/a', directory), false],
  ['a changed directory above', { path: '/a/b' }, file, write('/a', directory), false],
  ['a removed directory above', { path: '/a/b' }, file, write('/a', absent), true],
  ['a removed directory above an absent path', { path: '/a/b' }, absent, write('/a', absent), false],
  ['a symlink above an absent path', { path: '/a/b' }, absent, write('/a', link), true],
  ['something above', { path: '/a/b' }, absent, write('/a'), true],
  ['a file in a directory', { path: '/a' }, directory, write('/a/b', file), false],
  [
    'a file in a directory whose time matters',
    { path: '/a', times: true },
    directory,
    write('/a/b', file),
    true,
  ],
  ['a file in an absent directory', { path: '/a' }, absent, write('/a/b', file), true],
  ['a removed file in an absent directory', { path: '/a' }, absent, write('/a/b', absent), false],
  ['something in a directory', { path: '/a' }, directory, write('/a/b'), false],
  ['something in an absent directory', { path: '/a' }, absent, write('/a/b'), true],
  ['the real path', { path: '/a/b' }, { ...file, real: '/r/b' }, write('/r/b', file), true],
  ['another name of it', { path: '/r/b' }, file, write('/a/b', { ...file, real: '/r/b' }), true],
  [
    'the end of a symlink',
    { path: '/l', follow: true },
    { ...link, followed: { ...file, real: '/r' } },
    write('/r', file),
    true,
  ],
  ['a file that is not the end of a symlink', { path: '/l', follow: true }, link, write('/z', file), false],
  ['a symlink that may be in the path', { path: '/l', follow: true }, link, write('/z', link), true],
  ['a symlink, for a path without symlinks', { path: '/a' }, file, write('/z', link), false],
  ['packages, in /etc', { path: '/etc/a' }, file, packages, true],
  ['packages, in /srv', { path: '/srv/a' }, file, packages, false],
  [
    'packages, through a symlink out of /srv',
    { path: '/srv/a' },
    { ...file, real: '/usr/a' },
    packages,
    true,
  ],
  [
    'packages, at the end of a symlink in /srv',
    { path: '/srv/l', follow: true },
    { ...link, followed: { ...file, real: '/usr/a' } },
    packages,
    true,
  ],
  ['packages, in a folder with a similar name', { path: '/srvx/a' }, file, packages, true],
  ['services, in /run', { path: '/run/a' }, absent, services, true],
  ['services, in /etc', { path: '/etc/a' }, file, services, false],
  ['a command', { path: '/srv/a' }, file, anything, true],
  [
    'a new user, if the owner has a name',
    { path: '/a' },
    file,
    user.write({ name: 'x' }, { exists: true }),
    false,
  ],
  [
    'a new user, if the owner has only a uid',
    { path: '/a' },
    { ...file, owner: '1234' },
    user.write({ name: 'x' }, { exists: true }),
    true,
  ],
  [
    'a removed user',
    { path: '/a' },
    { ...file, owner: 'x' },
    user.write({ name: 'x' }, { exists: false }),
    true,
  ],
  [
    'a new user, at the home directory',
    { path: '/h' },
    absent,
    user.write({ name: 'x' }, { exists: true, home: '/h' }),
    true,
  ],
  [
    'a new user, below the home directory',
    { path: '/h/a' },
    absent,
    user.write({ name: 'x' }, { exists: true, home: '/h' }),
    false,
  ],
  [
    'a new group',
    { path: '/a' },
    { ...file, group: '99' },
    group.write({ name: 'x' }, { exists: true }),
    true,
  ],
  ['a unit, in /run', { path: '/run/a' }, file, unit.write({ name: 'x' }), true],
  ['a unit, in /srv', { path: '/srv/a' }, file, unit.write({ name: 'x' }), false],
  ...(
    ['/srv/shop/current', '/srv/shop/candidate', '/srv/shop/releases/a/x', '/srv/shop/deploy/lock'] as const
  ).map((of): (typeof cases)[number] => [`a deployment, at ${of}`, { path: of }, file, deployed, true]),
  [
    'a deployment, at a symlink to it',
    { path: '/www' },
    { ...file, real: '/srv/shop/releases/a/x' },
    deployed,
    true,
  ],
  ['a deployment, at a shared path', { path: '/srv/shop/shared/x' }, file, deployed, false],
  ['a deployment, elsewhere', { path: '/srv/shop2/current' }, file, deployed, false],
  ['the deploy lock, at its file', { path: '/srv/shop/deploy/lock' }, file, locked, true],
  ['the deploy lock, at a release', { path: '/srv/shop/releases/a' }, directory, locked, false],
  [
    'a kind that may live anywhere',
    { path: '/srv/a' },
    file,
    { type: 'thing', kind: 'uri', subject: 'x' },
    true,
  ],
]

describe('the freshness of an answer about a path', () => {
  for (const [what, question, answer, written, touched] of cases)
    it(`${touched ? 'ends' : 'lasts'} after a write to ${what}`, () => {
      expect(path.touchedBy(question, written, answer)).to.equal(touched)
    })
})

describe('possiblePaths', () => {
  it('assumes that packages keep files in /etc', () => {
    expect(possiblePaths({ path: '/etc/a' }, packages, file)).to.deep.equal([file])
    expect(possiblePaths({ path: '/etc/passwd' }, packages, file)).to.equal(undefined)
    expect(possiblePaths({ path: '/usr/a' }, packages, file)).to.equal(undefined)
  })

  it('assumes that a directory stays a directory', () => {
    expect(possiblePaths({ path: '/usr/a' }, packages, directory)).to.deep.equal([directory])
    expect(possiblePaths({ path: '/usr/a', times: true }, packages, directory)).to.equal(undefined)
  })

  it('assumes no path, a file or a directory after the installation of packages', () => {
    const possible = possiblePaths({ path: '/etc/a', sha256: true }, packages, absent)
    expect(possible?.map((one) => (one.exists ? one.type : 'absent'))).to.deep.equal([
      'absent',
      'file',
      'directory',
    ])
    expect(possiblePaths({ path: '/etc/a', content: 'always' }, packages, absent)).to.equal(undefined)
  })

  it('assumes that services do not change deployed files', () => {
    expect(possiblePaths({ path: '/var/www/a' }, services, absent)).to.deep.equal([absent])
    expect(possiblePaths({ path: '/var/lib/a' }, services, file)).to.equal(undefined)
  })

  it('assumes that a deploy creates absent paths, and may change existing ones', () => {
    const possible = possiblePaths({ path: '/srv/shop/current' }, deployed, absent)
    expect(possible?.map((one) => one.exists)).to.deep.equal([false, true, true])
    expect(possiblePaths({ path: '/srv/shop/current' }, deployed, link)).to.equal(undefined)
  })

  it('assumes nothing after a command', () => {
    expect(possiblePaths({ path: '/srv/a' }, anything, file)).to.equal(undefined)
  })
})
