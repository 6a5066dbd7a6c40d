import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chown, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { build } from 'esbuild'

const prefix = `${process.version}-${process.arch}`
const nobody = 65534
/** The flags that a run on many hosts sets. */
const limitingGarbage = ['--heap-growing-percent=50', '--expose-gc']
  .map((flag) => `require('node:v8').setFlagsFromString('${flag}')`)
  .join('; ')

describe('the cache of compiled code', () => {
  let folder: string
  let cache: string
  let launch: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hostwright-cache-'))
    cache = join(folder, 'cache', 'hostwright')
    launch = join(folder, 'launch.cjs')
    await build({
      entryPoints: [join(import.meta.dirname, '../../../src/cli/launch.ts')],
      outfile: launch,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      define: { 'import.meta.url': 'bundleUrl' },
      banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href" },
      logLevel: 'error',
    })
    await program('one')
  })
  afterEach(async () => {
    await rm(folder, { recursive: true })
  })

  /** Writes a bundle that prints a word; its modification time is always the same. */
  async function program(word: string, run = `() => console.log('${word}')`): Promise<void> {
    const text = `exports.runCommand = ${run}\n`
    const digest = createHash('sha256').update(text).digest('hex')
    await writeFile(join(folder, 'command.cjs'), `// sha256 ${digest}\n${text}`)
    await utimes(join(folder, 'command.cjs'), 499162500, 499162500)
  }

  function start(command: string, before = ':'): string {
    const script = `${before}; exec "$NODE" "$LAUNCH" ${command}`
    const env = { ...process.env, XDG_CACHE_HOME: join(folder, 'cache'), CACHE: cache, FOLDER: folder }
    const own = { NODE: process.execPath, LAUNCH: launch, DRAFT: `${cache}/${prefix}-version.v8` }
    const { stdout, stderr } = spawnSync('sh', ['-c', script], { encoding: 'utf8', env: { ...env, ...own } })
    expect(stderr).to.equal('')
    return stdout
  }

  it('reuses compiled code in the next run, but not for another program with the same size and time', async () => {
    expect(start('--version')).to.equal('one\n')
    const file = join(cache, `${prefix}-version.v8`)
    const first = await readFile(file)
    expect(start('--version')).to.equal('one\n')
    expect(await readFile(file)).to.deep.equal(first)
    await program('two')
    expect(start('--version')).to.equal('two\n')
  })

  it('reuses code that a run on many hosts compiled', async () => {
    await program('one', `() => { ${limitingGarbage}; console.log('one') }`)
    const file = join(cache, `${prefix}-run.v8`)
    start('run')
    const first = await stat(file)
    start('run')
    expect((await stat(file)).ino).to.equal(first.ino)
  })

  it('does not write through a symlink', async () => {
    await mkdir(cache, { recursive: true, mode: 0o700 })
    await writeFile(join(folder, 'victim'), 'precious', { mode: 0o600 })
    expect(start('--version', 'ln -s "$FOLDER/victim" "$DRAFT.$$"')).to.equal('one\n')
    expect(await readFile(join(folder, 'victim'), 'utf8')).to.equal('precious')
  })

  for (const place of ['the folder', 'the folder above'] as const)
    it(`does not use the cache if ${place} belongs to another user`, async function () {
      if (process.getuid?.() !== 0) this.skip()
      await mkdir(cache, { recursive: true, mode: 0o700 })
      await chown(place === 'the folder' ? cache : join(folder, 'cache'), nobody, nobody)
      expect(start('--version')).to.equal('one\n')
      expect(await readdir(cache)).to.deep.equal([])
    })

  it('stores nothing for unknown commands, and removes old files', async () => {
    await mkdir(cache, { recursive: true, mode: 0o700 })
    const [typo, other, old] = ['depoly', 'run', 'ping'].map((name) => join(cache, `v1.2.3-x64-${name}.v8`))
    for (const file of [typo!, other!, old!]) await writeFile(file, '')
    const [year, files] = [365 * 86_400, await readdir(cache)]
    await utimes(old!, Date.now() / 1000 - year, Date.now() / 1000 - year)
    expect(files).to.have.length(3)
    expect(start('rnu') + start('run')).to.equal('one\none\n')
    expect((await readdir(cache)).sort()).to.deep.equal(['v1.2.3-x64-run.v8', `${prefix}-run.v8`].sort())
  })
})
