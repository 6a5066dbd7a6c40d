import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { clearPending, notePending, pending } from '../../src/state/pending-handlers.ts'
import type { Script } from '../../src/target/sh.ts'
import { run, shells } from '../modules/harness.ts'

for (const shell of shells) {
  describe(`kind pending-handlers, under ${shell}`, () => {
    const shop = 'site.yml: Shop'
    const blog = 'site.yml: Blog'
    const before = process.env['XDG_STATE_HOME']
    let folder: string
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "it's the state "))
      process.env['XDG_STATE_HOME'] = folder
    })
    afterEach(() => {
      if (before === undefined) delete process.env['XDG_STATE_HOME']
      else process.env['XDG_STATE_HOME'] = before
      rmSync(folder, { recursive: true })
    })

    function done(script: Script): string {
      const { code, stdout, stderr } = run(script, shell)
      if (code !== 0) throw new Error(stderr)
      return stdout
    }

    function pendingOf(...plays: string[]): readonly (readonly string[])[] {
      const questions = plays.map((play) => ({ play }))
      return pending.parse(done(pending.read(questions)), questions)
    }

    it('returns no handlers if none was ever recorded', () => {
      expect(pendingOf(shop)).to.deep.equal([[]])
    })

    it('separates handlers of different plays, even with the same name', () => {
      done(notePending(shop, ['Reload Nginx', "Restart 'PHP'"]))
      done(notePending(blog, ['Reload Nginx']))
      expect(pendingOf(shop, blog, 'site.yml: Other')).to.deep.equal([
        ['Reload Nginx', "Restart 'PHP'"],
        ['Reload Nginx'],
        [],
      ])
    })

    it('records a handler once', () => {
      for (let round = 0; round < 2; round += 1) done(notePending(shop, ['Reload Nginx']))
      const journal = readFileSync(join(folder, 'hostwright/pending-handlers'), 'utf8')
      expect(journal).to.equal('site.yml: Shop\tReload Nginx\n')
    })

    it('removes only the handlers of a play that ran', () => {
      done(notePending(shop, ['Reload Nginx', 'Reload']))
      done(notePending(blog, ['Reload']))
      done(clearPending(shop, ['Reload']))
      expect(pendingOf(shop, blog)).to.deep.equal([['Reload Nginx'], ['Reload']])
    })
  })
}
