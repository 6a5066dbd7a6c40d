import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { listing } from '../../src/state/directory-listing.ts'
import { tree } from '../../src/state/directory-types.ts'
import { path } from '../../src/state/path.ts'
import { lint, readState, run, shells } from '../modules/harness.ts'

describe('kind directory-listing', () => {
  let directory: string

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "it's a listing "))
  })

  afterEach(() => {
    rmSync(directory, { recursive: true, force: true })
  })

  for (const shell of shells)
    it(`reads more paths than fit into the arguments of a process, under ${shell}`, () => {
      const names = Array.from({ length: 1100 }, (_, index) => `${index} \n'`)
      for (const name of names) writeFileSync(join(directory, name), name)
      const key = listing.key({ directory, entries: ['', ...names, 'none'] })
      const states = readState({ key }, shell)['key']
      expect(states).to.have.length(1102)
      expect(states[0]).to.include({ type: 'directory' })
      expect(states[1101]).to.include({ exists: false })
      expect(new Set(states.map((state) => (state.exists ? state.sha256 : '')))).to.have.length(1102)
      const done = run(tree.read([{ path: directory }, { path: '/nowhere' }]), shell)
      const [root, nowhere] = tree.parse(done.stdout, [{ path: directory }, { path: '/nowhere' }])
      expect(root?.entries.map(({ type, count }) => [type, count])).to.have.deep.members([
        ['directory', 1],
        ['file', 1100],
      ])
      expect(nowhere?.entries).to.deep.equal([])
    })

  it('depends on writes in the directory', () => {
    const question = { directory: '/d', entries: ['', 'a'] }
    const answer = [{ exists: false }, { exists: false }] as const
    const written = path.write({ path: '/d/a' }, { exists: true, type: 'file', mode: '0644' })
    expect(listing.touchedBy(question, written, answer)).to.equal(true)
    expect(tree.touchedBy({ path: '/d' }, written, { entries: [] })).to.equal(true)
    expect(tree.touchedBy({ path: '/d' }, path.write({ path: '/e' }), { entries: [] })).to.equal(false)
  })

  it('passes the linters', () => {
    lint(tree.read([{ path: "/it's" }]))
    lint(listing.read([{ directory: "/it's", entries: ['', 'a'] }]))
  })
})
