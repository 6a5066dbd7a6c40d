import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { file } from '../../src/modules/file.ts'
import type { ExistingPath } from '../../src/state/path/value.ts'
import { asRoot, converge, lint, plan, settled, shells, type Shell } from './harness.ts'

describe('file', () => {
  let directory: string
  const at = (name: string): string => join(directory, name)
  const modeOf = (name: string): string => (lstatSync(at(name)).mode & 0o7777).toString(8)

  async function twice(params: object, shell: Shell) {
    const first = await converge(file, params, { shell })
    expect((await converge(file, params, { shell })).changes).to.deep.equal([])
    return first
  }

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "it's a file "))
    chmodSync(directory, 0o755)
  })

  afterEach(() => {
    rmSync(directory, { recursive: true, force: true })
  })

  for (const shell of shells)
    describe(`under ${shell}`, () => {
      asRoot('creates a directory and its parents, which get its mode and group', async () => {
        const { changes } = await twice(
          { path: at('a/b/c'), state: 'directory', mode: '0700', group: 'daemon' },
          shell,
        )
        expect(changes).to.deep.equal([
          { field: 'parent', before: null, after: at('a') },
          { field: 'parent', before: null, after: at('a/b') },
          { field: 'state', before: 'absent', after: 'directory' },
          { field: 'group', before: null, after: 'daemon' },
          { field: 'mode', before: null, after: '0700' },
        ])
        expect([modeOf('a'), modeOf('a/b'), modeOf('a/b/c')]).to.deep.equal(['700', '700', '700'])
        expect([statSync(at('a/b')).gid, statSync(at('a/b/c')).gid]).to.deep.equal([1, 1])
      })

      it('predicts that a directory inherits the set-group-ID bit', async () => {
        chmodSync(directory, 0o2755)
        const { steps } = plan(file, { path: at('a/b'), state: 'directory' }, { shell })
        const foreseen = (steps[0]?.writes.at(-1) as { value: ExistingPath }).value.mode
        await twice({ path: at('a/b'), state: 'directory' }, shell)
        expect([modeOf('a'), modeOf('a/b'), foreseen]).to.deep.equal(['2755', '2755', '2755'])
        await twice({ path: at('a/b'), state: 'directory', mode: '0750' }, shell)
        expect(modeOf('a/b')).to.equal('750')
      })

      it('accepts a symlink to a directory as a directory', async () => {
        mkdirSync(at('real'))
        symlinkSync('real', at('link'))
        await twice({ path: at('link'), state: 'directory', mode: '0711' }, shell)
        expect([modeOf('real'), lstatSync(at('link')).isSymbolicLink()]).to.deep.equal(['711', true])
      })

      it('rejects a symlink to a directory with follow: false', async () => {
        mkdirSync(at('real'), { mode: 0o700 })
        symlinkSync('real', at('link'))
        const params = { state: 'directory', mode: '0755', follow: false }
        expect(await settled(() => twice({ ...params, path: at('link') }, shell))).to.throw(
          'is a link, not a directory',
        )
        expect(modeOf('real')).to.equal('700')
        await twice({ ...params, path: at('real') }, shell)
        expect(modeOf('real')).to.equal('755')
      })

      asRoot('sets group and mode of everything below with recurse', async () => {
        mkdirSync(at('tree/sub'), { recursive: true })
        writeFileSync(at('tree/sub/program'), '')
        writeFileSync(at('tree/text'), '')
        chmodSync(at('tree/sub/program'), 0o755)
        symlinkSync('/nowhere', at('tree/link'))
        const params = {
          path: at('tree'),
          state: 'directory',
          recurse: true,
          mode: 'u=rwX,g=rX,o=',
          group: 'daemon',
        }
        const { changes } = await twice(params, shell)
        expect(changes.map(({ field }) => field)).to.have.members([
          'group',
          'mode',
          'group below',
          'mode below',
        ])
        expect(changes.find(({ field }) => field === 'group below')?.before).to.equal('root (4 entries)')
        expect(['tree', 'tree/sub', 'tree/sub/program', 'tree/text'].map(modeOf)).to.deep.equal([
          '750',
          '750',
          '750',
          '640',
        ])
        expect(lstatSync(at('tree/link')).gid).to.equal(1)
      })

      asRoot('creates a symlink, and replaces it with one rename', async () => {
        writeFileSync(at('one'), '1')
        mkdirSync(at('two'))
        await twice({ path: at('link'), src: 'one', state: 'link' }, shell)
        const { changes } = await twice(
          { path: at('link'), src: at('two'), state: 'link', group: 'daemon' },
          shell,
        )
        expect(changes[0]).to.deep.equal({ field: 'target', before: 'one', after: at('two') })
        await twice({ path: at('link'), src: 'one', state: 'link' }, shell)
        expect(readlinkSync(at('link'))).to.equal('one')
        expect(readdirSync(at('two'))).to.deep.equal([])
        expect(readdirSync(directory).sort()).to.deep.equal(['link', 'one', 'two'])
      })

      it('replaces a file or an empty directory by a symlink only with force, and never a full directory', async () => {
        writeFileSync(at('file'), '')
        mkdirSync(at('empty'))
        mkdirSync(at('full/er'), { recursive: true })
        for (const name of ['file', 'empty', 'full'])
          expect(() => plan(file, { path: at(name), src: '/etc', state: 'link' })).to.throw(
            /is already a \w+/,
          )
        for (const name of ['file', 'empty'])
          await twice({ path: at(name), src: '/etc', state: 'link', force: true }, shell)
        expect(
          await settled(() =>
            converge(file, { path: at('full'), src: '/etc', state: 'link', force: true }, { shell }),
          ),
        ).to.throw('is a directory that is not empty')
        expect(readdirSync(directory).sort()).to.deep.equal(['empty', 'file', 'full'])
      })

      it('creates a hard link', async () => {
        writeFileSync(at('file'), '1')
        const { state } = await twice(
          { path: at('other'), src: at('file'), state: 'hard', mode: '0600' },
          shell,
        )
        expect(statSync(at('other')).ino).to.equal(statSync(at('file')).ino)
        expect(state['path']).to.include({ links: 2, mode: '0600' })
      })

      it('removes files, symlinks without their targets, and directories with their content', async () => {
        writeFileSync(at('file'), '')
        symlinkSync('file', at('link'))
        mkdirSync(at('dir/sub'), { recursive: true })
        await twice({ path: at('link'), state: 'absent' }, shell)
        expect(existsSync(at('file'))).to.equal(true)
        await twice({ path: at('file'), state: 'absent' }, shell)
        await twice({ path: at('dir'), state: 'absent' }, shell)
        expect(readdirSync(directory)).to.deep.equal([])
      })

      it('touches a file, and sets the times of an existing one', async () => {
        const given = { path: at('file'), state: 'touch', mode: '0600' }
        await converge(file, given, { shell })
        expect(readFileSync(at('file'), 'utf8')).to.equal('')
        utimesSync(at('file'), 1, 1)
        const { changes } = await converge(file, given, { shell })
        expect(changes).to.deep.equal([
          { field: 'access_time', before: null, after: 'now', transient: true },
          { field: 'modification_time', before: null, after: 'now', transient: true },
        ])
        const { atimeMs, mtimeMs } = statSync(at('file'))
        expect(Math.min(atimeMs, mtimeMs)).to.be.greaterThan(Date.now() - 60_000)
      })

      it('touches a file only if it does not exist, if both times are preserved', async () => {
        const preserved = { access_time: 'preserve', modification_time: 'preserve' }
        await twice({ path: at('file'), state: 'touch', mode: '0600', ...preserved }, shell)
        utimesSync(at('file'), 1, 1)
        const given = { path: at('file'), state: 'touch', ...preserved, modification_time: 'now' }
        expect((await converge(file, given, { shell })).changes).to.deep.equal([
          { field: 'modification_time', before: null, after: 'now', transient: true },
        ])
        expect(statSync(at('file')).atimeMs).to.equal(1000)
      })

      it('gives the mode of a directory to the parents that it creates', async () => {
        mkdirSync(at('there'), { mode: 0o755 })
        await twice({ path: at('there/a/b/c'), state: 'directory', mode: '0710' }, shell)
        expect(['there', 'there/a', 'there/a/b', 'there/a/b/c'].map(modeOf)).to.deep.equal([
          '755',
          '710',
          '710',
          '710',
        ])
      })

      asRoot('gives the owner of a directory to the parents that it creates', async () => {
        await twice(
          { path: at('a/b'), state: 'directory', owner: 'daemon', group: 'daemon', mode: '0000' },
          shell,
        )
        expect(
          ['a', 'a/b'].map((name) => [modeOf(name), statSync(at(name)).uid, statSync(at(name)).gid]),
        ).to.deep.equal([
          ['0', 1, 1],
          ['0', 1, 1],
        ])
      })

      asRoot('changes the target of a symlink, or the symlink itself with follow: false', async () => {
        writeFileSync(at('file'), '')
        symlinkSync('file', at('link'))
        await twice({ path: at('link'), mode: 'g+w', owner: 'daemon' }, shell)
        expect([modeOf('file'), statSync(at('file')).uid, lstatSync(at('link')).uid]).to.deep.equal([
          '664',
          1,
          0,
        ])
        await twice({ path: at('link'), owner: '12345', follow: false }, shell)
        expect([statSync(at('file')).uid, lstatSync(at('link')).uid]).to.deep.equal([1, 12345])
      })

      it('accepts special characters in names', async () => {
        for (const name of ['$(id)`x`\n', '-rf "\'', '\\ é %s*']) {
          await twice({ path: at(`${name}/x`), state: 'directory' }, shell)
          await twice({ path: at(`${name}/link`), src: name, state: 'link', force: true }, shell)
          expect(readlinkSync(at(`${name}/link`))).to.equal(name)
          await twice({ path: at(name), state: 'absent' }, shell)
        }
      })
    })

  for (const [situation, params, message] of [
    ['without a state if the path is missing', { path: 'none', mode: '0644' }, 'does not exist'],
    ['with state: file if the path is missing', { path: 'none', state: 'file' }, 'does not exist'],
    ['with state: file for a directory', { path: 'sub', state: 'file' }, 'is a directory, not a file'],
    ['with state: directory for a file', { path: 'text', state: 'directory' }, 'is a file, not a directory'],
    ['for a directory below a file', { path: 'text/sub', state: 'directory' }, 'is a file, not a directory'],
    ['for a dangling symlink', { path: 'link', src: 'none', state: 'link' }, 'does not exist'],
    [
      'for a symlink in a missing directory',
      { path: 'none/link', src: '/etc', state: 'link' },
      'does not exist',
    ],
    ['for a symlink without src', { path: 'none', state: 'link' }, 'needs a src'],
    ['for a hard link to a missing file', { path: 'none', src: '/none', state: 'hard' }, 'does not exist'],
    ['for an unknown owner', { path: 'text', owner: 'nobody-knows' }, "no user 'nobody-knows'"],
  ] as const)
    it(`fails ${situation}`, () => {
      mkdirSync(at('sub'))
      writeFileSync(at('text'), '')
      expect(() => plan(file, { ...params, path: at(params.path) })).to.throw(message)
    })

  for (const params of [
    { state: 'absent' },
    { path: '/', state: 'absent' },
    { path: 'relative', state: 'absent' },
    { path: '/x', dest: '/y' },
    { path: '/x', src: '/y' },
    { path: '/x', src: '/y', state: 'link', mode: '0644' },
    { path: '/x', state: 'hard' },
    { path: '/x', recurse: true },
    { path: '/x', mode: '0999' },
  ])
    it(`rejects ${JSON.stringify(params)}`, () => {
      expect(file.params.safeParse(params).success).to.equal(false)
    })

  it('accepts dest and name as aliases of path', () => {
    expect(file.params.parse({ dest: '/x//y/', state: 'directory' })).to.include({ path: '/x/y' })
    expect(file.params.parse({ name: '/x', state: 'absent' })).to.include({ path: '/x' })
  })

  it('has scripts that pass shellcheck', () => {
    writeFileSync(at('file'), '')
    mkdirSync(at('dir'))
    for (const params of [
      { path: 'new/er', state: 'directory', mode: '0700', owner: 'root' },
      { path: 'dir', state: 'directory', recurse: true, mode: '0700', group: 'daemon' },
      { path: 'link', state: 'link', src: '/etc', group: 'daemon' },
      { path: 'hard', state: 'hard', src: at('file') },
      { path: 'touch', state: 'touch' },
      { path: 'dir', state: 'absent' },
    ])
      for (const step of plan(file, { ...params, path: at(params.path) }).steps) lint(step.script)
  })
})
