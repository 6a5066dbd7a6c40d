import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { clearPending, notePending, pending } from '../../src/state/pending-handlers.ts'
import { joinScripts, sh, type Script } from '../../src/target/sh.ts'
import { run, shells, start } from '../modules/harness.ts'

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
      done(clearPending(shop, ['Reload Nginx']))
      done(clearPending(blog, ['Reload']))
      expect(readdirSync(join(folder, 'hostwright'))).to.deep.equal([])
    })

    /** A limit for the size of files fails writes at the same places as a full disk. */
    const onFullDisk = (script: Script): Script => joinScripts([sh`trap '' XFSZ; ulimit -f 4`, script])

    for (const [name, script] of [
      ['records', notePending(shop, ['Reload'])],
      ['removes', clearPending(blog, ['handler 1'])],
    ] as const)
      it(`keeps all handlers and fails if the disk is full while it ${name} one`, () => {
        const names = Array.from({ length: 1000 }, (_, index) => `handler ${index}`)
        done(notePending(blog, ['first']))
        const journal = join(folder, 'hostwright/pending-handlers')
        writeFileSync(journal, names.map((handler) => `${blog}\t${handler}\n`).join(''))
        expect(run(onFullDisk(script), shell).code).not.to.equal(0)
        expect(pendingOf(blog)).to.deep.equal([names])
        expect(readdirSync(join(folder, 'hostwright'))).to.deep.equal(['pending-handlers'])
      })

    it('loses no handler when runs record and remove handlers at the same time', async () => {
      const runs = Array.from({ length: 5 }, async (_, index) => {
        for (let round = 0; round < 5; round += 1) {
          expect(
            (await start(notePending(`play ${index}`, [`kept ${round}`, 'passing']), shell).ended).code,
          ).to.equal(0)
          expect((await start(clearPending(`play ${index}`, ['passing']), shell).ended).code).to.equal(0)
        }
      })
      await Promise.all(runs)
      const plays = runs.map((_, index) => `play ${index}`)
      const kept = ['kept 0', 'kept 1', 'kept 2', 'kept 3', 'kept 4']
      expect(pendingOf(...plays)).to.deep.equal(plays.map(() => kept))
    })
  })
}
