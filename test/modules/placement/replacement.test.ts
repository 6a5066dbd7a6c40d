import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { backupOf, type FileReplacement, replaceFile } from '../../../src/modules/placement/replacement.ts'
import { lateValidation, showCandidate, validation } from '../../../src/modules/placement/validation.ts'
import { attach, sh, type Script } from '../../../src/target/sh.ts'
import { lint, run, shells } from '../harness.ts'

describe('The replacement of a file', () => {
  let directory: string

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "it's a replacement "))
    writeFileSync(join(directory, 'file'), 'old')
    chmodSync(join(directory, 'file'), 0o644)
  })

  afterEach(() => {
    rmSync(directory, { recursive: true, force: true })
  })

  function replacement(more: Partial<FileReplacement> = {}): FileReplacement {
    return {
      path: join(directory, 'file'),
      content: attach('file', 'new'),
      mode: '0600',
      owner: undefined,
      replaces: true,
      edits: undefined,
      backup: false,
      candidate: undefined,
      ...more,
    }
  }

  function withoutUnshare(script: Script): Script {
    return sh`
      unshare() { return 1; }
      ${script}
    `
  }

  for (const shell of shells)
    describe(`under ${shell}`, () => {
      it('leaves the old file and nothing else if it fails', () => {
        const done = run(replaceFile(replacement({ owner: 'nobody-knows' })), shell)
        expect(done.code).to.not.equal(0)
        expect(readdirSync(directory)).to.deep.equal(['file'])
        expect(readFileSync(join(directory, 'file'), 'utf8')).to.equal('old')
      })

      it('leaves the old file and nothing else if the disk is full', () => {
        const content = attach('file', Buffer.alloc(1024 * 1024))
        const done = run(
          sh`
          ulimit -f 8
          ${replaceFile(replacement({ content }))}
        `,
          shell,
        )
        expect(done.code).to.not.equal(0)
        expect(readdirSync(directory)).to.deep.equal(['file'])
        expect(readFileSync(join(directory, 'file'), 'utf8')).to.equal('old')
      })

      it('does not depend on the umask', () => {
        const done = run(
          sh`
          umask 077
          ${replaceFile(replacement({ mode: '0664' }))}
        `,
          shell,
        )
        expect(done.stderr).to.equal('')
        expect(statSync(join(directory, 'file')).mode & 0o7777).to.equal(0o664)
      })

      it('is rolled back if a validation in place rejects it, on a machine without private views', () => {
        const path = join(directory, 'file')
        const command = `! grep new '${path.replace("'", "'\\''")}'`
        const candidate = { path, content: attach('file', 'new'), mode: '0600', owner: undefined, command }
        expect(run(withoutUnshare(validation(candidate)), shell).code).to.equal(0)
        const { ino } = statSync(path)
        const done = run(withoutUnshare(replaceFile(replacement({ candidate }))), shell)
        expect(done.code).to.not.equal(0)
        expect(readdirSync(directory)).to.deep.equal(['file'])
        expect(readFileSync(path, 'utf8')).to.equal('old')
        expect(statSync(path).ino).to.equal(ino)
      })
    })

  it('returns the path of the backup', () => {
    expect(backupOf('backup /a\n')).to.equal('/a')
    expect(backupOf('')).to.equal(undefined)
  })

  it('has scripts that pass shellcheck', () => {
    const candidate = {
      path: '/x',
      content: attach('x', ''),
      mode: '0600',
      owner: '0:0',
      command: 'nginx -t',
    }
    lint(showCandidate)
    lint(lateValidation(candidate))
    lint(
      validation({
        ...candidate,
        content: { path: '/on the host', state: { exists: true, type: 'file', mode: '0644', size: 1 } },
      }),
    )
  })
})
