import { chmod, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { DigestCache } from '../../../src/cli/cache/digest-cache.ts'
import { outlineFormat } from '../../../src/cli/cache/outline-format.ts'
import { PrivateFile } from '../../../src/cli/cache/private-file.ts'
import { rememberOutlines } from '../../../src/yaml/outlines.ts'
import { loadYaml } from '../../../src/yaml/yaml-document.ts'

describe('the cache of outlines of YAML files', () => {
  let folder: string
  let cache: string
  let file: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hostwright-outlines-'))
    cache = join(folder, 'yaml-outlines')
    file = join(folder, 'site.yml')
    await writeFile(file, 'name: Write the site\nport: 8080\n')
  })
  afterEach(async () => {
    rememberOutlines(undefined)
    await rm(folder, { recursive: true })
  })

  /** Loads the files with a cache of this origin, as a run does. Returns their values, and how many came from the cache. */
  function run(files: readonly string[] = [file], origin = 'one'): { values: unknown[]; remembered: number } {
    const outlines = new DigestCache(new PrivateFile(folder, 'yaml-outlines', origin), outlineFormat)
    let remembered = 0
    rememberOutlines({
      get: (digest) => {
        const outline = outlines.get(digest)
        if (outline !== undefined) remembered += 1
        return outline
      },
      add: (digest, outline) => {
        outlines.add(digest, outline)
      },
    })
    const values = files.map((name) => loadYaml(name).value)
    outlines.save()
    return { values, remembered }
  }

  const value = { name: 'Write the site', port: 8080 }

  it('reuses an outline in the next run until the file changes', async () => {
    expect(run()).to.deep.equal({ values: [value], remembered: 0 })
    expect(run()).to.deep.equal({ values: [value], remembered: 1 })
    await writeFile(file, 'name: Write the side\nport: 8080\n')
    expect(run()).to.deep.equal({ values: [{ ...value, name: 'Write the side' }], remembered: 0 })
  })

  it('keeps the outlines of other runs', async () => {
    const other = join(folder, 'other.yml')
    await writeFile(other, '- 1\n')
    run([file])
    run([other])
    expect(run([file, other]).remembered).to.equal(2)
  })

  it('writes a cache that only the user can read, without text of the YAML files', async () => {
    run()
    expect((await stat(cache)).mode & 0o777).to.equal(0o600)
    const content = await readFile(cache, 'latin1')
    expect(content).to.match(/^one\n/)
    for (const word of ['name', 'Write', 'site', 'port', '8080']) expect(content).to.not.include(word)
  })

  it('does not store a file that contains a secret', async () => {
    await writeFile(file, 'password: !secret hunter2\n')
    run()
    expect(await readdir(folder)).to.deep.equal(['site.yml'])
  })

  it('ignores a cache that another version wrote, that others can write to or that is damaged', async () => {
    run()
    expect(run([file], 'two').remembered).to.equal(0)
    expect(run([file], 'two').remembered).to.equal(1)
    await chmod(cache, 0o620)
    expect(run([file], 'two').remembered).to.equal(0)
    await rm(cache)
    run()
    for (const length of [30, 60]) {
      await truncate(cache, length)
      expect(run()).to.deep.equal({ values: [value], remembered: 0 })
      expect(run().remembered).to.equal(1)
    }
  })
})
