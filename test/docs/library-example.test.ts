import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'

const project = join(import.meta.dirname, '../..')

/** The compiler checks the types of this file; see `paths` in tsconfig.test.json. */
const example = readFileSync(join(import.meta.dirname, 'library-example.ts'), 'utf8')

const packageJson = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
  readonly name: string
  readonly exports: { readonly '.': { readonly types: string; readonly default: string } }
}

describe('the example of the library in the README', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'hostwright-example-'))
  })
  after(() => {
    rmSync(folder, { recursive: true })
  })

  function write(name: string, text: string): void {
    const file = join(folder, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }

  /** Makes the sources importable as the package that is built from them. */
  function installSources(): void {
    const entry = packageJson.exports['.'].default.replace('/dist/', '/src/').replace(/\.js$/, '.ts')
    const { name } = packageJson
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, type: 'module', exports: entry }))
    symlinkSync(join(project, 'src'), join(folder, 'node_modules', name, 'src'))
  }

  it('is the program that the compiler checks', () => {
    const readme = readFileSync(join(project, 'README.md'), 'utf8')
    const blocks = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block]) => block)
    expect(blocks).to.deep.equal([example])
  })

  it('runs a playbook, shows its events, and ends', async () => {
    installSources()
    write(
      'playbooks/site.yml',
      '- hosts: all\n  tasks:\n    - copy: { content: hello, dest: "<%= playbook_dir %>/made" }\n',
    )
    write('inventory/production.yml', 'all: { hosts: { web1: { ansible_connection: local } } }\n')
    write('example.mts', example)
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', tsx, 'example.mts'], {
      cwd: folder,
    })
    expect(stdout.split('\n')).to.deep.equal(['web1 copy changed', 'exit code: 0', ''])
    expect(readFileSync(join(folder, 'playbooks/made'), 'utf8')).to.equal('hello')
  })

  it('is typed by the declarations of the same module', () => {
    const { types, default: code } = packageJson.exports['.']
    expect(types).to.equal(code.replace(/\.js$/, '.d.ts'))
  })
})
