import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { sha256 } from '../../../src/modules/placement/bytes.ts'
import { backupOf, type FileReplacement, replaceFile } from '../../../src/modules/placement/replacement.ts'
import { lateValidation, showCandidate, validation } from '../../../src/modules/placement/validation.ts'
import type { ExistingPath, PathState } from '../../../src/state/path/value.ts'
import { staleReading } from '../../../src/state/swap/stale-reading.ts'
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
      seen: { exists: true, type: 'file', mode: '0644' },
      edits: false,
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

      describe('of an entry that is not as it was read', () => {
        const digest = (text: string): string => sha256(Buffer.from(text))
        const file = (): string => join(directory, 'file')
        const seen = (more: Partial<ExistingPath> = {}): PathState => {
          const { uid, gid } = statSync(file())
          return { exists: true, type: 'file', mode: '0644', uid, gid, sha256: digest('old'), ...more }
        }

        it('replaces the file that was read', () => {
          expect(run(replaceFile(replacement({ seen: seen() })), shell).code).to.equal(0)
          expect(readFileSync(file(), 'utf8')).to.equal('new')
        })

        const others: Readonly<Record<string, () => void>> = {
          'has another content': () => {
            writeFileSync(file(), 'other')
          },
          'has another mode': () => {
            chmodSync(file(), 0o600)
          },
          'is gone': () => {
            rmSync(file())
          },
          'is a symlink': () => {
            rmSync(file())
            symlinkSync('/etc/passwd', file())
          },
          'is a directory': () => {
            rmSync(file())
            mkdirSync(file())
          },
        }
        for (const [title, change] of Object.entries(others))
          it(`replaces nothing if a file ${title}`, () => {
            const wanted = replacement({ seen: seen() })
            change()
            const before = lstatSync(file(), { throwIfNoEntry: false })
            const done = run(replaceFile(wanted), shell)
            expect(done).to.deep.include({ code: staleReading, stdout: '' })
            expect(done.stderr).to.equal(`${file()} has changed since it was read\n`)
            expect(lstatSync(file(), { throwIfNoEntry: false })?.ino).to.equal(before?.ino)
          })

        it('replaces nothing if there was no file, but is one now', () => {
          const done = run(replaceFile(replacement({ seen: { exists: false } })), shell)
          expect(done.code).to.equal(staleReading)
          expect(readFileSync(file(), 'utf8')).to.equal('old')
          rmSync(file())
          expect(run(replaceFile(replacement({ seen: { exists: false } })), shell).code).to.equal(0)
          expect(readdirSync(directory)).to.deep.equal(['file'])
        })

        it('replaces a symlink only if it still points to the same path', () => {
          rmSync(file())
          symlinkSync('/somewhere\n', file())
          const link = (target: string): FileReplacement =>
            replacement({ seen: { exists: true, type: 'link', mode: '0777', target } })
          expect(run(replaceFile(link('/somewhere')), shell).code).to.equal(staleReading)
          expect(run(replaceFile(link('/somewhere\n')), shell).code).to.equal(0)
          expect(readFileSync(file(), 'utf8')).to.equal('new')
        })

        it('keeps what another process writes to the file while it is replaced', () => {
          // a program that takes the place of mv appends to the file just before the rename
          const programs = join(directory, 'programs')
          mkdirSync(programs)
          const append = `#!/bin/sh\nif [ "$2" = new ]; then printf more >>"$3"; fi\nexec /bin/mv "$@"\n`
          writeFileSync(join(programs, 'mv'), append, { mode: 0o755 })
          const done = run(replaceFile(replacement({ seen: seen() })), 'dash', { programs })
          expect(done.code).to.equal(staleReading)
          expect(readFileSync(file(), 'utf8')).to.equal('oldmore')
          expect(readdirSync(directory)).to.have.members(['file', 'programs'])
        })
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
