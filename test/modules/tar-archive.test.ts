import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'chai'

import { tarArchive } from '../../src/modules/file/tar-archive.ts'

describe('tarArchive', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hostwright-tar-'))
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  const named = [
    ['empty', ''],
    ["it's a \\n\tname", 'text\n'],
    ['-f', 'x'.repeat(512)],
    ['é'.repeat(49) + 'a', 'a path of 99 bytes'],
    ['é'.repeat(50), 'a path of 100 bytes'],
    [`${'d'.repeat(200)}/${'é'.repeat(120)}`, '\0\u0001binary'],
    ['last', 'y'.repeat(70_000)],
  ] as const
  const files = named.map(([path, content]) => ({ path, content: Buffer.from(content) }))

  for (const tar of [['tar'], ['busybox', 'tar']])
    it(`is unpacked by ${tar.join(' ')}`, () => {
      for (const { path } of files) mkdirSync(join(folder, dirname(path)), { recursive: true })
      writeFileSync(join(folder, 'archive'), tarArchive(files))
      execFileSync(tar[0]!, [...tar.slice(1), '-xmof', 'archive'], { cwd: folder })
      for (const { path, content } of files) {
        expect(readFileSync(join(folder, path)).equals(content), path).to.equal(true)
        expect(statSync(join(folder, path)).mode & 0o777).to.equal(0o600)
      }
    })
})
