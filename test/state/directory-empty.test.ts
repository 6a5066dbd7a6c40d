import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import type { KindName, Write } from '../../src/state/definition/write.ts'
import { emptiness } from '../../src/state/directory-empty.ts'
import { lint, run, shells } from '../modules/harness.ts'

describe('kind directory-empty', () => {
  for (const shell of shells)
    it(`returns true only for directories with entries, with ${shell}`, () => {
      const folder = mkdtempSync(join(tmpdir(), "it's empty "))
      try {
        for (const name of ['empty', 'hidden', 'newline']) mkdirSync(join(folder, name))
        writeFileSync(join(folder, 'hidden/.file'), '')
        writeFileSync(join(folder, 'newline/\n'), '')
        symlinkSync('hidden', join(folder, 'link'))
        const names = ['empty', 'hidden', 'newline', 'link', 'hidden/.file', 'none']
        const questions = names.map((name) => ({ path: join(folder, name) }))
        const answers = emptiness.parse(run(emptiness.read(questions), shell).stdout, questions)
        expect(answers.map(({ holds }) => holds)).to.deep.equal([false, true, true, false, false, false])
      } finally {
        rmSync(folder, { recursive: true })
      }
    })

  it('depends on writes in the directory, and on no others', () => {
    const touched = (write: Write) =>
      emptiness.touchedBy({ path: '/srv/app/current' }, write, { holds: false })
    const written = (kind: KindName, subject: string): Write => ({ type: 'thing', kind, subject })
    expect(touched(written('path', '/srv/app/current/file'))).to.equal(true)
    expect(touched({ type: 'scope', scope: 'anything', until: '' })).to.equal(true)
    expect(touched(written('path', '/srv/app/releases/1'))).to.equal(false)
    expect(touched(written('user', 'app'))).to.equal(false)
  })

  it('rejects an invalid answer', () => {
    expect(() => emptiness.parse('perhaps\n', [{ path: '/a' }])).to.throw('unexpected answer')
  })

  it('passes the linters', () => {
    lint(emptiness.read([{ path: '/a' }, { path: "/it's" }]))
  })
})
