import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  linkSync,
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
import fc from 'fast-check'

import { copy } from '../../src/modules/copy.ts'
import type { Source } from '../../src/modules/definition/module.ts'
import { asRoot, converge, settled, lint, plan, shells } from './harness.ts'

function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function file(content: string | Buffer, mode = '0644'): Source {
  return { type: 'file', path: '/playbooks/files/app.conf', content: Buffer.from(content), mode }
}

describe('copy', () => {
  let directory: string
  const at = (name: string): string => join(directory, name)

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "it's a copy "))
  })

  afterEach(() => {
    rmSync(directory, { recursive: true, force: true })
  })

  for (const shell of shells)
    describe(`under ${shell}`, () => {
      it('creates a missing file, and changes nothing the second time', async () => {
        const params = { src: 'app.conf', dest: at('new'), mode: '0600' }
        const first = await converge(copy, params, { source: file('text\n'), shell })
        expect(first.changes).to.deep.equal([
          { field: 'state', before: 'absent', after: 'file' },
          { field: 'content', path: at('new'), before: null, after: 'text\n' },
          { field: 'mode', before: null, after: '0600' },
        ])
        expect(readFileSync(at('new'), 'utf8')).to.equal('text\n')
        expect(statSync(at('new')).mode & 0o7777).to.equal(0o600)
        expect((await converge(copy, params, { source: file('text\n'), shell })).changes).to.deep.equal([])
        expect(readdirSync(directory)).to.deep.equal(['new'])
      })

      it('sends a large file without reading it into memory, and describes it by size and digest', async () => {
        const source = join(directory, 'large')
        writeFileSync(source, Buffer.alloc(3_000_000, 'content\n'))
        const content = { path: source, size: 3_000_000, sha256: digestOf(readFileSync(source)) }
        const large: Source = { type: 'file', path: source, content, mode: '0644' }
        writeFileSync(at('copied'), 'old')
        const params = { src: 'large', dest: at('copied') }
        const { changes } = await converge(copy, params, { source: large, shell })
        const { size, sha256 } = content
        expect(changes).to.deep.equal([
          {
            field: 'content',
            path: at('copied'),
            before: { sha256: digestOf(Buffer.from('old')), size: 3 },
            after: { sha256, size },
          },
        ])
        expect(readFileSync(at('copied')).equals(readFileSync(source))).to.equal(true)
        expect((await converge(copy, params, { source: large, shell })).changes).to.deep.equal([])
        const tree: Source = {
          type: 'directory',
          path: directory,
          entries: [{ path: 'a', type: 'file', mode: '0644', content }],
        }
        await converge(copy, { src: 'tree', dest: at('new') }, { source: tree, shell })
        expect(readFileSync(at('new/tree/a')).equals(readFileSync(source))).to.equal(true)
      })

      it('sets the mode 0644 for a new file and keeps the mode of an existing one', async () => {
        writeFileSync(at('old'), 'old')
        chmodSync(at('old'), 0o750)
        await converge(copy, { content: 'x', dest: at('new') }, { shell })
        const { changes } = await converge(copy, { content: 'x', dest: at('old') }, { shell })
        expect(changes).to.deep.equal([{ field: 'content', path: at('old'), before: 'old', after: 'x' }])
        expect(statSync(at('new')).mode & 0o7777).to.equal(0o644)
        expect(statSync(at('old')).mode & 0o7777).to.equal(0o750)
      })

      asRoot('changes owner, group and mode without writing the content again', async () => {
        writeFileSync(at('file'), 'x')
        const { ino } = statSync(at('file'))
        const { changes } = await converge(
          copy,
          { content: 'x', dest: at('file'), mode: '4710', group: 'daemon' },
          { shell },
        )
        expect(changes.map(({ field }) => field)).to.deep.equal(['group', 'mode'])
        expect(statSync(at('file'))).to.include({ ino, gid: 1 })
        expect(statSync(at('file')).mode & 0o7777).to.equal(0o4710)
      })

      it('keeps the name of the file in a directory', async () => {
        mkdirSync(at('there'))
        symlinkSync('there', at('link'))
        for (const dest of [at('there'), `${at('there')}/`, at('link'), `${at('made')}/`]) {
          const done = await converge(copy, { src: 'files/app.conf', dest }, { source: file('x'), shell })
          expect(done.result['dest']).to.equal(join(dest, 'app.conf'))
        }
        expect(readFileSync(at('there/app.conf'), 'utf8')).to.equal('x')
        expect(readFileSync(at('made/app.conf'), 'utf8')).to.equal('x')
      })

      it('replaces a symlink, or its target with follow', async () => {
        mkdirSync(at('sub'))
        writeFileSync(at('sub/real'), 'old')
        symlinkSync('sub/real', at('link'))
        await converge(copy, { content: 'new', dest: at('link'), follow: true }, { shell })
        expect(lstatSync(at('link')).isSymbolicLink()).to.equal(true)
        expect(readFileSync(at('sub/real'), 'utf8')).to.equal('new')
        await converge(copy, { content: 'newer', dest: at('link') }, { shell })
        expect(lstatSync(at('link')).isFile()).to.equal(true)
        expect(readFileSync(at('sub/real'), 'utf8')).to.equal('new')
      })

      it('does not change other hard links of the file', async () => {
        writeFileSync(at('one'), 'old')
        linkSync(at('one'), at('two'))
        await converge(copy, { content: 'new', dest: at('one') }, { shell })
        expect(readFileSync(at('two'), 'utf8')).to.equal('old')
      })

      it('keeps a backup with backup: true', async () => {
        writeFileSync(at('file'), 'old')
        const done = await converge(copy, { content: 'new', dest: at('file'), backup: true }, { shell })
        expect(readFileSync(String(done.result['backup_file']), 'utf8')).to.equal('old')
      })

      it('copies a file from the host itself with remote_src', async () => {
        writeFileSync(at('from'), Buffer.from([0, 255, 10]))
        chmodSync(at('from'), 0o751)
        const params = { src: at('from'), dest: at('to'), remote_src: true, mode: 'preserve' }
        await converge(copy, params, { shell })
        expect(readFileSync(at('to'))).to.deep.equal(Buffer.from([0, 255, 10]))
        expect(statSync(at('to')).mode & 0o7777).to.equal(0o751)
        expect((await converge(copy, params, { shell })).changes).to.deep.equal([])
      })

      it('does not place a file that the validation rejects', async () => {
        writeFileSync(at('file'), 'good')
        const params = { content: 'bad', dest: at('file'), validate: 'grep -q good %s' }
        expect(await settled(() => converge(copy, params, { shell }))).to.throw('validation failed')
        expect(readFileSync(at('file'), 'utf8')).to.equal('good')
        await converge(copy, { ...params, content: 'very good' }, { shell })
        expect(readFileSync(at('file'), 'utf8')).to.equal('very good')
        expect(readdirSync(directory)).to.deep.equal(['file'])
      })

      it('shows the new file at dest to a validation without %s, while the live file remains', async () => {
        mkdirSync(at('conf.d'))
        mkdirSync(at('conf.d/deep'))
        writeFileSync(at('conf.d/other'), 'good\n')
        writeFileSync(at('conf.d/deep/most'), 'good\n')
        for (const name of ['other', 'new'])
          expect(
            await settled(() =>
              converge(
                copy,
                {
                  content: 'bad\n',
                  dest: at(`conf.d/${name}`),
                  validate: `cat '${at('conf.d').replace("'", "'\\''")}'/* '${at('conf.d/deep').replace("'", "'\\''")}'/* >&2; exit 3`,
                },
                { shell },
              ),
            ),
          ).to.throw(/bad[^]*validation failed/)
        expect(readFileSync(at('conf.d/other'), 'utf8')).to.equal('good\n')
        expect(existsSync(at('conf.d/new'))).to.equal(false)
        const params = { content: 'fine\n', dest: at('conf.d/new'), validate: 'true' }
        await converge(copy, params, { shell })
        expect(readdirSync(at('conf.d')).sort()).to.deep.equal(['deep', 'new', 'other'])
      })

      asRoot('copies the new and changed files of a directory, and nothing the second time', async () => {
        const source: Source = {
          type: 'directory',
          path: '/playbooks/files/site',
          entries: [
            { path: 'sub', type: 'directory', mode: '0700' },
            { path: "sub/it's", type: 'file', mode: '0755', content: Buffer.from('x') },
            { path: '-n $(id)', type: 'file', mode: '0600', content: Buffer.from([0, 10]) },
            { path: 'link', type: 'link', mode: '0777', target: "sub/it's" },
          ],
        }
        const params = {
          src: 'site',
          dest: at('new'),
          mode: 'preserve',
          directory_mode: '0750',
          group: 'daemon',
        }
        const first = await converge(copy, params, { source, shell })
        expect(first.changes.map(({ field }) => field)).to.deep.equal([
          `directory ${at('new/site')}`,
          'directory sub',
          "file sub/it's",
          'file -n $(id)',
          'link link',
        ])
        expect(first.result['dest']).to.equal(at('new/site'))
        expect(readFileSync(at('new/site/link'), 'utf8')).to.equal('x')
        expect(readFileSync(at('new/site/-n $(id)'))).to.deep.equal(Buffer.from([0, 10]))
        const modes = ['', '/sub', "/sub/it's", '/-n $(id)'].map(
          (name) => statSync(at(`new/site${name}`)).mode & 0o7777,
        )
        expect(modes).to.deep.equal([0o750, 0o750, 0o755, 0o600])
        expect(readdirSync(at('new/site')).sort()).to.deep.equal(['-n $(id)', 'link', 'sub'])
        expect((await converge(copy, params, { source, shell })).changes).to.deep.equal([])

        writeFileSync(at("new/site/sub/it's"), 'drift')
        chmodSync(at('new/site/-n $(id)'), 0o644)
        writeFileSync(at('new/site/mine'), 'mine')
        const second = await converge(copy, params, { source, shell })
        expect(second.changes.map(({ field }) => field)).to.deep.equal(["file sub/it's", 'mode of -n $(id)'])
        expect(readFileSync(at('new/site/mine'), 'utf8')).to.equal('mine')
        expect(
          (await converge(copy, { ...params, src: 'site/', dest: at('other') }, { source, shell })).result[
            'dest'
          ],
        ).to.equal(at('other'))
      })

      it('writes any content under any name', async () => {
        const name = fc.string({
          unit: fc.constantFrom('\\', '\n', "'", '"', '$(id)', '`', '*', ' ', '-', 'é'),
          minLength: 1,
          maxLength: 20,
        })
        await fc.assert(
          fc.asyncProperty(name, fc.uint8Array({ maxLength: 500 }), async (one, bytes) => {
            const done = await converge(
              copy,
              { src: 'x', dest: at(one) },
              { source: file(Buffer.from(bytes)), shell },
            )
            expect(readFileSync(at(one))).to.deep.equal(Buffer.from(bytes))
            expect(done.changes).to.not.equal(undefined)
          }),
          { numRuns: 8 },
        )
      })
    })

  it('does not replace an existing file with force: false', () => {
    writeFileSync(at('file'), 'old')
    expect(plan(copy, { content: 'new', dest: at('file'), force: false }).changes).to.deep.equal([])
    expect(plan(copy, { content: 'new', dest: at('none'), force: 'no' }).changes).to.not.deep.equal([])
  })

  it('writes a mapping as JSON', async () => {
    await converge(copy, { content: { port: 80 }, dest: at('file') })
    expect(readFileSync(at('file'), 'utf8')).to.equal('{"port":80}')
  })

  it('describes binary content by its hash and size', () => {
    const [, content] = plan(copy, { src: 'x', dest: at('new') }, { source: file(Buffer.from([0])) }).changes
    expect(content?.after).to.deep.equal({
      sha256: '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      size: 1,
    })
  })

  for (const [situation, params, message] of [
    ['the directory does not exist', { dest: 'none/file' }, /directory .*none does not exist/],
    ['dest is a directory', { dest: 'sub' }, /is a directory, not a file/],
    ['the user is unknown', { dest: 'x', owner: 'nobody-knows' }, /no user 'nobody-knows'/],
    ['the group is unknown', { dest: 'x', group: 'nobody-knows' }, /no group 'nobody-knows'/],
  ] as const)
    it(`fails if ${situation}`, () => {
      mkdirSync(at('sub'))
      expect(() => plan(copy, { content: 'x', ...params, dest: at(params.dest) })).to.throw(message)
    })

  for (const params of [
    { dest: '/x' },
    { dest: '/x', src: 'a', content: 'b' },
    { dest: 'x', content: 'b' },
    { dest: '/x/', content: 'b' },
    { dest: '/x', content: 'b', mode: 'preserve' },
    { dest: '/x', src: 'a', mode: '999' },
    { dest: '/x', src: 'a', remote_src: true },
    { dest: '/x', src: 'a', sauce: 'b' },
  ])
    it(`rejects ${JSON.stringify(params)}`, () => {
      expect(copy.params.safeParse(params).success).to.equal(false)
    })

  it('predicts every value that a second read would return', () => {
    const { steps } = plan(copy, { content: 'x', dest: at('new'), owner: 'root', mode: 'u=rw,g=r,o=' })
    expect(steps[0]?.writes).to.have.length(1)
    expect(steps[0]?.writes[0]).to.deep.include({ type: 'thing', kind: 'path', subject: at('new') })
    expect((steps[0]?.writes[0] as { value: object }).value).to.deep.include({
      exists: true,
      type: 'file',
      mode: '0640',
      owner: 'root',
      uid: 0,
      size: 1,
      real: at('new'),
    })
  })

  it('has scripts that pass shellcheck', () => {
    writeFileSync(at('old'), 'old')
    for (const validate of [undefined, 'test -s %s', 'nginx -t'])
      for (const dest of [at('old'), `${at('made')}/`]) {
        const given = {
          src: 'x',
          dest,
          owner: 'root',
          backup: true,
          ...(validate === undefined ? {} : { validate }),
        }
        for (const step of plan(copy, given, { source: file('x') }).steps) {
          lint(step.script)
          if (step.validate !== undefined) lint(step.validate)
        }
      }
  })
})
