import { spawnSync } from 'node:child_process'
import { chmod, chown, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { cacheFolder } from '../../../src/cli/cache/private-file.ts'

describe('the cache of compiled expressions', () => {
  let folder: string
  let cache: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hostwright-results-'))
    cache = join(folder, 'results')
  })
  afterEach(async () => {
    await rm(folder, { recursive: true })
  })

  /** Evaluates the strings in a process of its own. */
  function run(texts: readonly string[], origin = 'one'): unknown {
    const script = join(import.meta.dirname, 'evaluating-run.ts')
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--import=tsx', script, folder, origin, ...texts],
      { encoding: 'utf8' },
    )
    expect(stderr).to.equal('')
    return JSON.parse(stdout)
  }

  const texts = [
    '<%= port + 1 ; // the next one %>',
    '<%=   port === 8080 ? "default" : port%>',
    '<% for (const site of sites) { -%>\n<%= site.name %>:<%= port %>\n<% } -%>\n',
    '<%= sites[0].nam %>',
    '<%= port.toFixed(200) %>',
    '<%= Date.now() > port %> <%= fallback(() => missing.name, "none") %>',
  ]
  const evaluated = [
    8081,
    'default',
    'shop:8080\nblog:8080\n',
    "UndefinedError: site.yml:1:1: 'sites[0].nam' is not defined",
    'ExpressionError: site.yml:1:1: toFixed() digits argument must be between 0 and 100',
    'true none',
  ]

  it('gives the next run the same values and errors', () => {
    expect(run(texts)).to.deep.equal({ evaluated, known: 0 })
    expect(run(texts)).to.deep.equal({ evaluated, known: texts.length })
  })

  it('keeps the results of other runs', () => {
    run(texts.slice(0, 2))
    run(texts.slice(2))
    expect(run(texts)).to.deep.equal({ evaluated, known: texts.length })
  })

  it('is readable only for the user, and contains no literal', async () => {
    run([
      '<%= "hunter2".length %>',
      "<%= String(port) + 'hunter2' %>",
      'hunter2 <%= port + 1 %>',
      '<%= `hunter2`.at(0).x %>',
      "<%= sites['hunter2'].port + 1 %>",
      '<% if (sites[ "hunter2"].port > 1) { %><%= port %><% } %>',
    ])
    expect((await stat(cache)).mode & 0o777).to.equal(0o600)
    expect(await readFile(cache, 'utf8'))
      .to.include('port')
      .and.to.not.include('hunter2')
  })

  it('is in the home directory if XDG_CACHE_HOME is empty or relative', () => {
    const before = process.env['XDG_CACHE_HOME']
    try {
      for (const configured of ['', '.', 'cache']) {
        process.env['XDG_CACHE_HOME'] = configured
        expect(cacheFolder(), configured).to.equal(join(homedir(), '.cache/hostwright'))
      }
    } finally {
      if (before === undefined) delete process.env['XDG_CACHE_HOME']
      else process.env['XDG_CACHE_HOME'] = before
    }
  })

  it('is ignored in a folder of another user', async function () {
    if (process.getuid?.() !== 0) this.skip()
    run(texts)
    await chown(folder, 65534, 65534)
    expect(run(texts)).to.deep.equal({ evaluated, known: 0 })
  })

  it('does not store an error', async () => {
    run(['<%= port + %>', '<% if (port) { %>'])
    expect(await readdir(folder)).to.deep.equal([])
  })

  it('is ignored if another version wrote it, if others can write to it, or if it is damaged', async () => {
    const [text = ''] = texts
    const fromCache = (origin?: string): unknown => (run([text], origin) as { known: number }).known
    expect(fromCache()).to.equal(0)
    expect(fromCache('two')).to.equal(0)
    expect(fromCache('two')).to.equal(1)
    await chmod(cache, 0o620)
    expect(fromCache('two')).to.equal(0)
    await truncate(cache, 60)
    expect(fromCache('two')).to.equal(0)
    await writeFile(cache, (await readFile(cache, 'utf8')).replaceAll(/:\{.*\}/g, ':null}'))
    expect(fromCache('two')).to.equal(0)
    expect(fromCache('two')).to.equal(1)
  })
})
