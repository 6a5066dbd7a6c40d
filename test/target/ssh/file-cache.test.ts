import {
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
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

  it('makes a value again after a change within one tick of the clock of the file system', async () => {
    for (let length = 1; length < 50; length += 1) {
      writeFileSync(file, 'x'.repeat(length))
      expect(await cache.get(file)).to.have.length(length)
    }
  })

  it('makes a value again after a change that keeps the size and restores the time', async () => {
    utimesSync(file, 1, 2)
    await cache.get(file)
    await new Promise((resolve) => setTimeout(resolve, 20))
    writeFileSync(file, 'two')
    utimesSync(file, 1, 2)
    expect(await cache.get(file)).to.equal('two')
  })

  it('makes a value again after a symlink points to another file of the same size and time', async () => {
    const [link, other] = [join(folder, 'link'), join(folder, 'other')]
    do {
      writeFileSync(file, 'one')
      writeFileSync(other, 'two')
    } while (statSync(file).ctimeMs !== statSync(other).ctimeMs)
    symlinkSync(file, link)
    expect(await cache.get(link)).to.equal('one')
    symlinkSync(other, `${link}.new`)
    renameSync(`${link}.new`, link)
    expect(await cache.get(link)).to.equal('two')
  })

  it('makes a value again after the file was created', async () => {
    rmSync(file)
    const presence = new FileCache((path) => Promise.resolve(existsSync(path)))
    expect(await presence.get(file)).to.equal(false)
    writeFileSync(file, 'new')
    expect(await presence.get(file)).to.equal(true)
  })
})
