import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { stat } from '../../src/modules/stat.ts'
import { converge } from './harness.ts'

describe('stat', () => {
  let directory: string

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "it's a stat "))
  })

  afterEach(() => {
    rmSync(directory, { recursive: true, force: true })
  })

  async function ask(path: string, more: object = {}): Promise<Record<string, unknown>> {
    const done = await converge(stat, { path, ...more })
    expect(done.changes).to.deep.equal([])
    return done.result['stat'] as Record<string, unknown>
  }

  it('describes a file with its checksum', async () => {
    const path = join(directory, 'file')
    writeFileSync(path, '')
    expect(await ask(path)).to.include({
      exists: true,
      isreg: true,
      isdir: false,
      size: 0,
      checksum: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    })
    expect(await ask(path, { get_checksum: false })).to.not.have.property('checksum')
  })

  it('describes a symlink, or its target with follow', async () => {
    writeFileSync(join(directory, 'file'), '')
    symlinkSync('file', join(directory, 'link'))
    expect(await ask(join(directory, 'link'))).to.include({
      islnk: true,
      lnk_target: 'file',
      lnk_source: join(directory, 'file'),
    })
    expect(await ask(join(directory, 'link'), { follow: true })).to.include({ islnk: false, isreg: true })
  })

  it('describes a missing path', async () => {
    expect(await ask(join(directory, 'none'))).to.deep.equal({ exists: false })
  })
})
