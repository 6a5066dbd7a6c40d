import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { FileCache } from '../../../src/target/ssh/file-cache.ts'

describe('FileCache', () => {
  let folder: string
  let file: string
  let made: string[]
  let cache: FileCache<string>

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hostwright-cache-'))
    file = join(folder, 'file')
    writeFileSync(file, 'one')
    made = []
    cache = new FileCache(
      (path) => {
        const text = readFileSync(path, 'utf8')
        made.push(text)
        return Promise.resolve(text)
      },
      ['.pub'],
    )
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  it('makes a value once for all callers', async () => {
    expect(await Promise.all([cache.get(file), cache.get(file)])).to.deep.equal(['one', 'one'])
    expect(await cache.get(file)).to.equal('one')
    expect(made).to.deep.equal(['one'])
  })

  it('makes a value again after the file, or one alongside it, changed', async () => {
    await cache.get(file)
    writeFileSync(file, 'other')
    expect(await cache.get(file)).to.equal('other')
    writeFileSync(`${file}.pub`, 'public')
    await cache.get(file)
    expect(made).to.deep.equal(['one', 'other', 'other'])
  })

  it('makes a value again after the file was created', async () => {
    rmSync(file)
    const presence = new FileCache((path) => Promise.resolve(existsSync(path)))
    expect(await presence.get(file)).to.equal(false)
    writeFileSync(file, 'new')
    expect(await presence.get(file)).to.equal(true)
  })
})
