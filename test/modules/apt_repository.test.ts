import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { editedFiles, fileFor, isListed } from '../../src/modules/apt/sources-text.ts'
import { aptRepository } from '../../src/modules/apt_repository.ts'
import { packageLists } from '../../src/state/package-lists.ts'
import type { Script } from '../../src/target/sh.ts'
import { lint, run, shells } from './harness.ts'

const repo = 'deb [signed-by=/etc/apt/keyrings/x.gpg] https://example.org/debian/ bookworm main'
const stanza = 'Types: deb\nURIs: https://example.org/debian\nSuites: trixie\nComponents: main'
const sources = {
  '/etc/apt/sources.list': ['deb http://deb.example.org/debian bookworm main', `# ${repo}`],
  '/etc/apt/sources.list.d/x.list': [repo.replace(' main', '   main  # theirs'), ''],
}

function plan(given: object, state: object) {
  const params = aptRepository.params.parse(given)
  const changes = aptRepository.diff(state as never, params)
  return { changes, steps: changes.length === 0 ? [] : aptRepository.apply(changes, params, state as never) }
}

describe('module apt_repository', () => {
  it('finds a line in any file, with any spacing or trailing comment, unless it is commented out', () => {
    expect(isListed(sources, repo, undefined)).to.equal(true)
    expect(isListed({ '/etc/apt/sources.list': [`# ${repo}`] }, repo, undefined)).to.equal(false)
    expect(isListed({ '/etc/apt/sources.list.d/y.sources': stanza.split('\n') }, stanza, 'y')).to.equal(true)
    expect(isListed({ '/etc/apt/sources.list.d/z.sources': stanza.split('\n') }, stanza, 'y')).to.equal(false)
  })

  it('derives the name of the file from the address', () => {
    expect(fileFor(repo, undefined)).to.equal('/etc/apt/sources.list.d/example_org_debian.list')
    expect(fileFor('deb http://user:secret@example.org/x y z', undefined)).to.equal(
      '/etc/apt/sources.list.d/example_org_x.list',
    )
    expect(fileFor(stanza, 'theirs')).to.equal('/etc/apt/sources.list.d/theirs.sources')
  })

  it('adds a line to a file, and removes the file with its last line', () => {
    const file = '/etc/apt/sources.list.d/x.list'
    expect(editedFiles(sources, 'deb http://b c d', file, 'present')[file]).to.have.length(3)
    expect(editedFiles(sources, repo, file, 'absent')).to.deep.equal({ [file]: undefined })
    const main = 'deb http://deb.example.org/debian bookworm main'
    expect(editedFiles({ '/etc/apt/sources.list': [main] }, main, file, 'absent')).to.deep.equal({
      '/etc/apt/sources.list': [],
    })
  })

  it('fetches the lists in the same step, with scripts that pass shellcheck', () => {
    for (const given of [
      { repo: 'deb http://b c d' },
      { repo, state: 'absent' },
      { repo: stanza, filename: 'y' },
    ]) {
      const { steps } = plan(given, { sources, lists: { age: 5 } })
      expect(steps).to.have.length(1)
      lint(steps[0]!.script)
      expect(steps[0]!.script.text.split('\n').slice(-2)).to.deep.equal(['update_lists', 'succeeded=yes'])
    }
    const quiet = plan({ repo: 'deb http://b c d', update_cache: false }, { sources })
    expect(quiet.steps[0]?.script.text).not.to.contain('update_lists')
  })

  it('refuses to change a file with bytes that are not UTF-8', () => {
    const damaged = { '/etc/apt/sources.list.d/x.list': ['# r\uFFFDsum\uFFFD', 'deb http://b a d'] }
    for (const given of [
      { repo: 'deb http://b c d', filename: 'x' },
      { repo: 'deb http://b a d', state: 'absent' },
    ])
      expect(() => plan(given, { sources: damaged, lists: { age: 5 } })).to.throw(
        '/etc/apt/sources.list.d/x.list: line 1 is not UTF-8 text',
      )
    expect(plan({ repo: 'deb http://b a d' }, { sources: damaged, lists: { age: 5 } }).changes).to.be.empty
    expect(
      plan({ repo: 'deb http://b c d' }, { sources: damaged, lists: { age: 5 } }).changes,
    ).to.have.length(1)
  })

  it('fetches lists that an interrupted run did not fetch', () => {
    const { changes } = plan({ repo }, { sources, lists: { age: 5, outdated: true } })
    expect(changes.map(({ field }) => field)).to.deep.equal(['package lists'])
    expect(plan({ repo }, { sources, lists: { age: 5 } }).changes).to.deep.equal([])
  })

  describe('the script', () => {
    let root: string
    beforeEach(() => {
      root = mkdtempSync(join(tmpdir(), 'sources-'))
      for (const folder of ['apt/sources.list.d', 'lists', 'bin'])
        mkdirSync(join(root, folder), { recursive: true })
      writeFileSync(join(root, 'apt/sources.list'), 'deb http://b a d\n')
      writeFileSync(join(root, 'apt/sources.list.d/x.list'), 'deb http://b b d\n')
      writeFileSync(join(root, 'lists/a_Release'), '')
    })
    afterEach(() => {
      rmSync(root, { recursive: true })
    })

    const moved = ({ text, attachments }: Script): Script => ({
      text: text
        .replaceAll('/etc/apt', join(root, 'apt'))
        .replaceAll('/var/lib/apt/lists', join(root, 'lists')),
      attachments,
    })
    const program = (name: string, text: string): void => {
      writeFileSync(join(root, 'bin', name), `#!/bin/sh\n${text}\n`)
      chmodSync(join(root, 'bin', name), 0o755)
    }
    const added = {
      '/etc/apt/sources.list': ['deb http://b a d'],
      '/etc/apt/sources.list.d/x.list': ['deb http://b b d'],
    }

    for (const shell of shells)
      for (const state of ['present', 'absent'] as const)
        it(`leaves the package lists newer than the sources with state: ${state}, under ${shell}`, () => {
          program('apt-get', ':')
          program('dpkg-query', ':')
          const given = {
            repo: state === 'present' ? 'deb http://b c d' : 'deb http://b b d',
            filename: 'x',
            state,
          }
          const [step] = plan(given, { sources: added, lists: { age: 5 } }).steps
          const done = run(moved(step!.script), shell, { programs: join(root, 'bin') })
          expect(done.code, done.stderr).to.equal(0)
          const list = join(root, 'apt/sources.list.d/x.list')
          if (state === 'present')
            expect(readFileSync(list, 'utf8')).to.equal('deb http://b b d\ndeb http://b c d\n')
          else expect(existsSync(list)).to.equal(false)
          expect(readdirSync(join(root, 'apt'))).to.have.members(['sources.list', 'sources.list.d'])
          const [lists] = packageLists.parse(run(moved(packageLists.read([{}])), shell).stdout, [{}])
          expect(lists).not.to.have.property('outdated')
        })

    for (const shell of shells)
      it(`restores the file if the lists cannot be fetched, under ${shell}`, () => {
        program('apt-get', 'exit 100')
        program('dpkg-query', ':')
        const given = { repo: 'deb http://b c d', filename: 'x' }
        const [step] = plan(given, { sources: added, lists: { age: 5 } }).steps
        expect(run(moved(step!.script), shell, { programs: join(root, 'bin') }).code).to.equal(1)
        expect(readFileSync(join(root, 'apt/sources.list.d/x.list'), 'utf8')).to.equal('deb http://b b d\n')
        expect(readdirSync(join(root, 'apt'))).to.have.members(['sources.list', 'sources.list.d'])
      })
  })

  it('rejects an invalid repository', () => {
    for (const wrong of ['', 'http://example.org', 'ppa:x/y', 'deb http://example.org', stanza])
      expect(aptRepository.params.safeParse({ repo: wrong }).success, wrong).to.equal(false)
    expect(aptRepository.params.safeParse({ repo, filename: '../x' }).success).to.equal(false)
  })
})
