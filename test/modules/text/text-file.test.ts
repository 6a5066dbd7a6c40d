import {
  existsSync,
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

import { blockinfile } from '../../../src/modules/blockinfile.ts'
import { iniFile } from '../../../src/modules/ini_file.ts'
import { lineinfile } from '../../../src/modules/lineinfile.ts'
import { converge, settled, lint, plan, shells } from '../harness.ts'

describe('modules that edit text files', () => {
  let directory: string
  const at = (name: string): string => join(directory, name)
  const read = (name: string): string => readFileSync(at(name), 'utf8')

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "it's a line "))
  })

  afterEach(() => {
    rmSync(directory, { recursive: true, force: true })
  })

  for (const shell of shells)
    describe(`under ${shell}`, () => {
      it('keep owner and mode, and report the whole content', async () => {
        writeFileSync(at('file'), 'a\n', { mode: 0o640 })
        const { changes } = await converge(lineinfile, { path: at('file'), line: 'b' }, { shell })
        expect(changes).to.deep.equal([
          { field: 'content', path: at('file'), before: 'a\n', after: 'a\nb\n' },
        ])
        expect(statSync(at('file')).mode & 0o7777).to.equal(0o640)
        expect(
          (await converge(lineinfile, { path: at('file'), line: 'b' }, { shell })).changes,
        ).to.deep.equal([])
        expect(readdirSync(directory)).to.deep.equal(['file'])
      })

      it('create the file and its directory with create: true', async () => {
        const params = { dest: at('sub/deep/file'), line: 'x', create: true, mode: '0600' }
        await converge(lineinfile, params, { shell })
        expect(read('sub/deep/file')).to.equal('x\n')
        expect(statSync(at('sub/deep/file')).mode & 0o7777).to.equal(0o600)
        expect(
          await settled(() =>
            converge(lineinfile, { ...params, dest: at('none'), create: false }, { shell }),
          ),
        ).to.throw('does not exist')
      })

      it('edit the target of a symlink', async () => {
        mkdirSync(at('sub'))
        writeFileSync(at('sub/file'), 'k = 1\n')
        symlinkSync('sub/file', at('link'))
        await converge(iniFile, { path: at('link'), option: 'k', value: 2 }, { shell })
        expect(lstatSync(at('link')).isSymbolicLink()).to.equal(true)
        expect(read('sub/file')).to.equal('k = 2\n')
      })

      it('validate before they write, and keep a backup', async () => {
        writeFileSync(at('file'), 'good\n')
        const params = { path: at('file'), line: 'bad', validate: '! grep bad %s', backup: true }
        expect(await settled(() => converge(lineinfile, params, { shell }))).to.throw('validation failed')
        expect(readdirSync(directory)).to.deep.equal(['file'])
        const done = await converge(lineinfile, { ...params, line: 'better' }, { shell })
        expect(readFileSync(String(done.result['backup']), 'utf8')).to.equal('good\n')
        expect(read('file')).to.equal('good\nbetter\n')
      })

      it('write a block', async () => {
        writeFileSync(at('file'), 'a\n')
        await converge(blockinfile, { path: at('file'), block: 'x\ny' }, { shell })
        expect(read('file')).to.equal('a\n# BEGIN ANSIBLE MANAGED BLOCK\nx\ny\n# END ANSIBLE MANAGED BLOCK\n')
        await converge(blockinfile, { path: at('file'), state: 'absent' }, { shell })
        expect(read('file')).to.equal('a\n')
      })

      it('write any line unchanged', async () => {
        const line = fc
          .string({ unit: 'binary', minLength: 1 })
          .map((text) => text.replaceAll(/[\r\n]/g, ' '))
          .filter((text) => Buffer.from(text).toString() === text)
        await fc.assert(
          fc.asyncProperty(
            fc.oneof(line, fc.constantFrom("'", '"', '$(id)', '`id`', '\\1', '-n', '%s é')),
            async (text) => {
              writeFileSync(at('file'), 'a\n')
              await converge(lineinfile, { path: at('file'), line: text }, { shell })
              expect(read('file')).to.equal(text === 'a' ? 'a\n' : `a\n${text}\n`)
            },
          ),
          { numRuns: 8 },
        )
      })
    })

  it('change nothing with state: absent if the file does not exist', () => {
    expect(plan(lineinfile, { path: at('none'), line: 'x', state: 'absent' }).changes).to.deep.equal([])
    expect(plan(iniFile, { path: at('none'), section: 'x', state: 'absent' }).changes).to.deep.equal([])
    expect(existsSync(at('none'))).to.equal(false)
  })

  it('fail for a directory', () => {
    expect(() => plan(lineinfile, { path: directory, line: 'x' })).to.throw('is a directory, not a file')
  })

  for (const [module, params] of [
    [lineinfile, { line: 'x' }],
    [lineinfile, { path: '/x', dest: '/y', line: 'x' }],
    [lineinfile, { path: '/x' }],
    [lineinfile, { path: '/x', line: 'a', regexp: '(' }],
    [lineinfile, { path: '/x', line: 'a', regexp: '' }],
    [lineinfile, { path: '/x', line: 'a', backrefs: true }],
    [lineinfile, { path: '/x', line: 'a', insertafter: 'b', insertbefore: 'c' }],
    [lineinfile, { path: '/x', line: 'a', regexp: 'b', search_string: 'c' }],
    [lineinfile, { path: '/x', state: 'absent' }],
    [iniFile, { path: '/x' }],
    [iniFile, { path: '/x', option: 'a' }],
    [iniFile, { path: '/x', section: 'a', value: 'b' }],
    [iniFile, { path: '/x', option: 'a', value: 'b', values: ['c'] }],
    [iniFile, { path: '/x', option: 'a', value: 'b\nc' }],
    [blockinfile, { path: '/x', block: 'a', marker: '# no mark' }],
    [blockinfile, { path: '/x', block: 'a', insertafter: 'b', insertbefore: 'c' }],
  ] as const)
    it(`reject ${JSON.stringify(params)} in ${module.name}`, () => {
      expect(module.params.safeParse(params).success).to.equal(false)
    })

  it('accept the old names of parameters', () => {
    const params = lineinfile.params.parse({ name: '/x', value: 'a', regex: '^a' })
    expect(params).to.include({ path: '/x', line: 'a', regexp: '^a' })
  })

  it('have scripts that pass shellcheck', () => {
    for (const step of plan(lineinfile, { path: at('sub/file'), line: 'x', create: true }).steps)
      lint(step.script)
  })
})
