import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'

import { path } from '../../src/state/path.ts'
import type { ExistingPath, PathQuestion, PathState } from '../../src/state/path/value.ts'
import { lint, run, shells, type Shell } from '../modules/harness.ts'

function ask(questions: readonly PathQuestion[], shell: Shell): readonly PathState[] {
  const done = run(path.read(questions), shell)
  expect(done.stderr).to.equal('')
  expect(done.code).to.equal(0)
  return path.parse(done.stdout, questions)
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

describe('kind path', () => {
  let directory: string

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "it's a path "))
  })

  afterEach(() => {
    rmSync(directory, { recursive: true, force: true })
  })

  for (const shell of shells)
    describe(`read by ${shell}`, () => {
      it('returns attributes, hash and content of a file', () => {
        const file = join(directory, 'file')
        writeFileSync(file, 'text\n')
        chmodSync(file, 0o640)
        const [state] = ask([{ path: file, sha256: true, content: 'always' }], shell)
        expect(state).to.include({ exists: true, type: 'file', mode: '0640', size: 5, links: 1, real: file })
        expect(state).to.include({ uid: process.getuid?.(), sha256: sha256('text\n') })
        expect((state as ExistingPath).content?.toString()).to.equal('text\n')
      })

      it('distinguishes files, directories, symlinks, pipes and sockets, and blocks on none', () => {
        const [file, pipe, link, dangling, none] = ['f', 'p', 'l', 'd', 'n'].map((name) =>
          join(directory, name),
        ) as [string, string, string, string, string]
        writeFileSync(file, '')
        execFileSync('mkfifo', [pipe])
        symlinkSync('f', link)
        symlinkSync('nowhere', dangling)
        const questions = [file, directory, pipe, link, dangling, none, '/dev/null', '/'].map((one) => ({
          path: one,
          sha256: true,
          content: 'always' as const,
        }))
        const states = ask(questions, shell)
        expect(states.map((state) => (state.exists ? state.type : 'absent'))).to.deep.equal([
          'file',
          'directory',
          'fifo',
          'link',
          'link',
          'absent',
          'character',
          'directory',
        ])
        expect(states[3])
          .to.include({ target: 'f' })
          .and.not.to.have.any.keys('sha256', 'content', 'followed')
      })

      it('follows symlinks to their end if asked', () => {
        mkdirSync(join(directory, 'real'))
        writeFileSync(join(directory, 'real/file'), 'x')
        symlinkSync('real/file', join(directory, 'one'))
        symlinkSync('one', join(directory, 'two'))
        symlinkSync('missing', join(directory, 'dangling'))
        const questions = ['two', 'real/file', 'dangling'].map((name) => ({
          path: join(directory, name),
          follow: true,
          sha256: true,
        }))
        const [two, file, dangling] = ask(questions, shell) as ExistingPath[]
        expect(two).to.include({ type: 'link', target: 'one', real: join(directory, 'two') })
        expect(two?.followed).to.include({
          type: 'file',
          sha256: sha256('x'),
          real: join(directory, 'real/file'),
        })
        expect(file)
          .to.include({ type: 'file', sha256: sha256('x') })
          .and.not.to.have.property('followed')
        expect(dangling?.followed).to.deep.equal({ exists: false, real: join(directory, 'missing') })
      })

      it('resolves symlinks in directories, even for an absent path', () => {
        mkdirSync(join(directory, 'real'))
        symlinkSync('real', join(directory, 'link'))
        const questions = ['link/new', 'link/deep/er', 'link/..', 'none'].map((name) => ({
          path: join(directory, name),
        }))
        expect(ask(questions, shell).map((state) => state.real)).to.deep.equal([
          join(directory, 'real/new'),
          join(directory, 'real/deep/er'),
          join(directory, 'real/..'),
          join(directory, 'none'),
        ])
      })

      it('returns the content only if the hash differs, and not above the limit', () => {
        const [same, other, large] = ['same', 'other', 'large'].map((name) => join(directory, name)) as [
          string,
          string,
          string,
        ]
        writeFileSync(same, 'same')
        writeFileSync(other, 'other')
        writeFileSync(large, randomBytes(100 * 1024 + 1))
        const questions = [same, other, large].map((one) => ({
          path: one,
          content: { unless: sha256('same') },
        }))
        const states = ask(questions, shell) as ExistingPath[]
        expect(states.map((state) => state.content?.toString())).to.deep.equal([
          undefined,
          'other',
          undefined,
        ])
        expect(states.map((state) => state.sha256)).to.include.members([sha256('same'), sha256('other')])
        expect(states[2]?.sha256).to.be.a('string')
      })

      it('returns the same inode for two names of a file', () => {
        writeFileSync(join(directory, 'a'), '')
        linkSync(join(directory, 'a'), join(directory, 'b'))
        const [a, b] = ask([{ path: join(directory, 'a') }, { path: join(directory, 'b') }], shell)
        expect((a as ExistingPath).inode).to.equal((b as ExistingPath).inode)
        expect(b).to.include({ links: 2 })
      })

      it('accepts any name and any content', () => {
        const name = fc
          .string({
            unit: fc.oneof(
              fc.constantFrom('\\', '\n', '\r', "'", '"', '$', '`', '*', ' ', '-', 'é', '%'),
              fc.string({ minLength: 1, maxLength: 1 }),
            ),
          })
          .map((text) => text.replaceAll('/', '_').replaceAll('\0', '_'))
          .filter((text) => Buffer.byteLength(text) > 0 && Buffer.byteLength(text) < 200)
          .filter((text) => text !== '.' && text !== '..')
        const files = fc.uniqueArray(fc.tuple(name, fc.uint8Array({ maxLength: 300 })), {
          selector: ([one]) => one,
          maxLength: 8,
        })
        fc.assert(
          fc.property(files, (some) => {
            for (const [one, content] of some) writeFileSync(join(directory, one), content)
            const questions = some.map(([one], index) => ({
              path: join(directory, one),
              sha256: true,
              ...(index % 2 === 0 ? { content: 'always' as const } : {}),
            }))
            const states = ask(questions, shell) as ExistingPath[]
            expect(states.map((state) => state.sha256)).to.deep.equal(
              some.map(([, content]) => sha256(Buffer.from(content))),
            )
            states.forEach((state, index) => {
              if (index % 2 === 0) expect(state.content).to.deep.equal(Buffer.from(some[index]?.[1] ?? []))
            })
          }),
          { numRuns: 15 },
        )
      })
    })

  it('passes the linters', () => {
    lint(path.read([{ path: "/it's", follow: true, sha256: true, content: 'always' }, { path: '/x' }]))
    lint(path.read([{ path: '/x', content: { unless: sha256('') } }]))
  })

  it('rejects unexpected output', () => {
    const question = { path: '/x' }
    expect(() => path.parse('?\0', [question])).to.throw('unexpected type of path')
    expect(() => path.parse('e\0.\0ffff:0:0:root:root:0:0:0:0:0\n', [question])).to.throw(
      'unexpected attributes',
    )
    expect(() => path.parse('-\0.\0' + '41ed:0:0:root:root:0:0:0:0:0\n-\0', [question])).to.throw(
      'unexpected output',
    )
    expect(() => path.parse('', [question])).to.throw('incomplete output')
  })
})
