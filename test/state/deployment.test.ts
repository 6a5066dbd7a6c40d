import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'

import type { Write } from '../../src/state/definition/write.ts'
import { deployLock } from '../../src/state/deploy-lock.ts'
import { deployment } from '../../src/state/deployment.ts'
import { possibleDeployments } from '../../src/state/deployment/touched.ts'
import type { CurrentLink, Deployment } from '../../src/state/deployment/value.ts'
import { path } from '../../src/state/path.ts'
import type { PathState } from '../../src/state/path/value.ts'
import { unit } from '../../src/state/unit.ts'
import { Application, scratchFolder } from '../modules/application.ts'
import { readState, shells } from '../modules/harness.ts'
import { everythingNasty, everythingNastyInLines, nastyLine, nastyText } from '../nasty-text.ts'

/** Returns the output of the script: a NUL after each word. */
function printed(...words: readonly string[]): string {
  return words.map((word) => `${word}\0`).join('')
}

/** The output of the inspection if only root can change the directories. */
const secure = '0\nsecure'

function parse(...words: readonly string[]): Deployment {
  const [answer] = deployment.parse(printed(secure, ...words), [{ root: '/srv/shop' }])
  return answer!
}

describe('the answer about a deployment', () => {
  it('returns deployments in the order of the questions', () => {
    const empty = printed(secure, '-', '-', 'n', '.')
    const full = printed(
      ...[secure, 'lreleases/b', 'lreleases/a', 'y', 'sblue', 'a\n', 'sgreen', 'b'],
      ...['rb', 'live 2026-01-02T00:00:00Z\n', 'l/run/php/shop-blue.sock', '{"reference":"refs/tags/v2"}'],
      ...['ra', 'retired 2026-01-01T00:00:00Z\n', '-', ''],
      ...['rc.partial', '', '-', '', '.'],
    )
    const none = { current: { type: 'absent' }, releases: [], unfinished: [], slots: {}, maintenance: false }
    expect(deployment.parse(empty + full, [{ root: '/a' }, { root: '/b' }])).to.deep.equal([
      none,
      {
        ...{ current: { type: 'release', id: 'b' }, candidate: 'a', maintenance: true },
        ...{ slots: { blue: 'a', green: 'b' }, unfinished: ['c.partial'] },
        releases: [
          { id: 'a', state: 'retired', since: '2026-01-01T00:00:00Z', information: {} },
          {
            ...{ id: 'b', state: 'live', since: '2026-01-02T00:00:00Z', socket: '/run/php/shop-blue.sock' },
            information: { reference: 'refs/tags/v2' },
          },
        ],
      },
    ])
  })

  const links: readonly [word: string, link: CurrentLink][] = [
    ['-', { type: 'absent' }],
    ['o', { type: 'foreign' }],
    ['lreleases/a', { type: 'release', id: 'a' }],
    ['lreleases/a/', { type: 'release', id: 'a' }],
    ['l./releases/a', { type: 'release', id: 'a' }],
    ['l/srv/shop/releases/a', { type: 'release', id: 'a' }],
    ['l/srv/other/releases/a', { type: 'foreign' }],
    ['l../other/releases/a', { type: 'foreign' }],
    ['lreleases/a/public', { type: 'foreign' }],
    ['lreleases', { type: 'foreign' }],
    ['lreleases/', { type: 'foreign' }],
    ['l/srv/shop/htdocs', { type: 'foreign' }],
    ['oreleases/a', { type: 'foreign' }],
  ]
  for (const [word, link] of links)
    it(`parses the state of current ${JSON.stringify(word)} as ${JSON.stringify(link)}`, () => {
      expect(parse(word, '-', 'n', '.').current).to.deep.equal(link)
    })

  for (const [state, known] of [
    ['ready', 'ready'],
    ['bad then\n', 'bad'],
    ['', 'foreign'],
    ['Live', 'foreign'],
    ['toString', 'foreign'],
  ] as const)
    it(`parses the state of a release ${JSON.stringify(state)} as ${known}`, () => {
      expect(parse('-', '-', 'n', 'ra', state, '-', '', '.').releases[0]?.state).to.equal(known)
    })

  for (const text of ['', 'null', '[1]', '"text"', '5', '{"cut":"of', 'by hand'])
    it(`ignores a release.json that contains ${JSON.stringify(text)}`, () => {
      expect(parse('-', '-', 'n', 'ra', 'live', '-', text, '.').releases[0]?.information).to.deep.equal({})
    })

  it('rejects invalid output', () => {
    for (const output of [
      '',
      printed(secure, '-', '-'),
      printed(secure, '-', '-', 'n', 'q', '.'),
      printed(secure, '-', '-', 'n', '.', 'x'),
    ])
      expect(() => deployment.parse(output, [{ root: '/a' }]), output).to.throw()
  })
})

describe('deployments on this machine', () => {
  const scratch = scratchFolder()

  for (const shell of shells) {
    it(`reads deployments with any names and release.json, under ${shell}`, () => {
      const survives = (name: string, text: string): void => {
        const root = join(scratch.path, `x${name.replaceAll('/', '')}`)
        const id = `x${name.replaceAll('/', '').slice(0, 200)}x`
        const information = { [text]: text, list: [text, { a: null }] }
        const application = new Application(root).release(id, {
          state: 'live',
          information,
          socket: `/${name}x`,
        })
        application.current(`releases/${id}`).slot('blue', 'a b')
        mkdirSync(application.at('releases', `${id}.partial`))
        const { since, ...release } = application.read(shell).releases[0]!
        expect(since).to.be.a('string')
        expect(release).to.deep.equal({ id, state: 'live', information, socket: `/${name}x` })
        expect(application.read(shell)).to.deep.include({
          ...{ current: { type: 'release', id }, slots: { blue: 'a b' }, unfinished: [`${id}.partial`] },
        })
        rmSync(root, { recursive: true })
      }
      survives(everythingNasty.slice(0, 100), everythingNastyInLines)
      fc.assert(
        fc.property(
          nastyLine.map((line) => line.slice(0, 60)),
          nastyText,
          survives,
        ),
        { numRuns: 5 },
      )
    })

    it(`reads deployments after a crash that left zeros in files, under ${shell}`, () => {
      const application = new Application(join(scratch.path, 'shop'))
      application.release('a', { state: 'live\0\0', information: '\0.\0rb\0{}' }).slot('blue', '\0a\0')
      application.release('b', { state: 'ready', information: { a: 1 } })
      expect(application.read(shell).releases.map(({ id }) => id)).to.deep.equal(['a', 'b'])
      expect(application.read(shell).slots).to.deep.equal({ blue: 'a' })
    })

    it(`reads several deployments, including damaged ones, under ${shell}`, () => {
      const one = new Application(join(scratch.path, 'one'))
      mkdirSync(one.at('current'))
      mkdirSync(one.at('releases/.hidden'), { recursive: true })
      writeFileSync(one.at('releases/a file'), '')
      const two = new Application(join(scratch.path, 'two')).current('releases/gone')
      symlinkSync('/etc', two.at('candidate'))
      writeFileSync(two.at('deploy/maintenance'), '')
      const read = (root: string) => deployment.key({ root })
      const { a, b } = readState({ a: read(one.root), b: read(two.root) }, shell)
      const none = { releases: [], unfinished: [], slots: {} }
      expect(a).to.deep.equal({ ...none, current: { type: 'foreign' }, maintenance: false })
      expect(b).to.deep.equal({ ...none, current: { type: 'release', id: 'gone' }, maintenance: true })
    })
  }
})

const root = '/srv/shop'
const file: PathState = { exists: true, type: 'file', mode: '0644' }
const directory: PathState = { exists: true, type: 'directory', mode: '0755' }
const gone: PathState = { exists: false }
const packages = { type: 'scope', scope: 'packages', until: '' } as const
const services = { type: 'scope', scope: 'services', until: '' } as const
const anything = { type: 'scope', scope: 'anything', until: '' } as const

function write(of: string, value?: PathState): Write {
  return path.write({ path: of }, value)
}

/** The effect of a write on the answer: none, none in a dry run although it must be read again, or unknown. */
const writes: readonly [
  what: string,
  write: Write,
  becomes: 'keeps the answer' | 'reads again' | 'knows nothing',
][] = [
  ['packages', packages, 'keeps the answer'],
  ['services', services, 'keeps the answer'],
  ['a command', anything, 'reads again'],
  ['a unit', unit.write({ name: 'nginx' }), 'keeps the answer'],
  ['the lock', deployLock.write({ root }), 'keeps the answer'],
  ['another deployment', deployment.write({ root: '/srv/shop2' }), 'keeps the answer'],
  ['the folder of the application', write(root, directory), 'reads again'],
  ['its owner or mode', write(root), 'reads again'],
  ['a folder above', write('/srv', directory), 'reads again'],
  ['a removed folder above', write('/srv', gone), 'knows nothing'],
  ['the removed folder of the application', write(root, gone), 'knows nothing'],
  ['a folder with a similar name', write('/srv/sho', directory), 'keeps the answer'],
  ['the folder of the releases', write(`${root}/releases`, directory), 'reads again'],
  ['the folder of a release', write(`${root}/releases/a`, directory), 'reads again'],
  ['the removed folder of a release', write(`${root}/releases/a`, gone), 'knows nothing'],
  ['a folder alongside the releases', write(`${root}/releases/b`, directory), 'knows nothing'],
  ['a file of a release', write(`${root}/releases/a/.env`, file), 'keeps the answer'],
  [
    'a file of a release with the name of a managed file',
    write(`${root}/releases/a/public/release.json`, file),
    'keeps the answer',
  ],
  ['release.json', write(`${root}/releases/a/release.json`, file), 'knows nothing'],
  ['the link to a socket', write(`${root}/releases/a/fpm.sock`), 'knows nothing'],
  ['current', write(`${root}/current`), 'knows nothing'],
  ['candidate', write(`${root}/candidate`), 'knows nothing'],
  ['a file below current', write(`${root}/current/.env`, file), 'keeps the answer'],
  ['maintenance', write(`${root}/deploy/maintenance`, file), 'knows nothing'],
  ['the folder deploy', write(`${root}/deploy`, directory), 'knows nothing'],
  ['a note', write(`${root}/deploy/states/a`, file), 'knows nothing'],
  ['a shared folder', write(`${root}/shared/storage`, directory), 'keeps the answer'],
]

describe('kind deployment', () => {
  const answer = parse('lreleases/a', '-', 'n', 'ra', 'live', '-', '{}', '.')
  for (const [what, written, becomes] of writes)
    it(`${becomes} after a write to ${what}`, () => {
      expect(deployment.touchedBy({ root }, written, answer)).to.equal(becomes !== 'keeps the answer')
      if (becomes === 'keeps the answer') return
      expect(possibleDeployments({ root }, written, answer)).to.deep.equal(
        becomes === 'knows nothing' ? undefined : [answer],
      )
    })
})
