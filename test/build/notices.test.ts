import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'chai'

import { thirdPartyNotices } from '../../build/notices.ts'

describe('the file of third-party notices', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hostwright-notices-'))
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  /** Writes a package, and returns the path of a source file in it. */
  function install(place: string, version: string, files: Readonly<Record<string, string>>): string {
    const name = place.replace(/^.*node_modules\//, '')
    const all = { ...files, 'package.json': JSON.stringify({ name, version }) }
    for (const [file, text] of Object.entries(all)) {
      const path = join(folder, place, file)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text)
    }
    return join(folder, place, 'lib/index.js')
  }

  it('contains every license file of each package, sorted by name', () => {
    const inputs = [
      'src/index.ts',
      install('node_modules/two', '2.0.0', { LICENSE: 'of two\n', NOTICE: 'by the authors of two' }),
      install('node_modules/@scope/one', '1.0.0', { 'license.md': 'of one', 'build/LICENSE': 'in one' }),
    ]
    const text = thirdPartyNotices(inputs)
    expect(text.match(/^(?:@scope|two|of|in|by).*$/gm)).to.deep.equal([
      '@scope/one 1.0.0',
      'of one',
      'in one',
      'two 2.0.0',
      'of two',
      'by the authors of two',
    ])
  })

  it('lists a version that is installed in two folders once, and every version of a package', () => {
    const inputs = [
      install('node_modules/a', '1.0.0', { LICENSE: 'of a' }),
      install('node_modules/b/node_modules/a', '1.0.0', { LICENSE: 'of a' }),
      install('node_modules/c/node_modules/a', '2.0.0', { LICENSE: 'of a' }),
    ]
    expect(thirdPartyNotices(inputs).match(/^a .*$/gm)).to.deep.equal(['a 1.0.0', 'a 2.0.0'])
  })

  it('fails if a package has no license file', () => {
    const input = install('node_modules/bare', '1.0.0', {})
    expect(() => thirdPartyNotices([input])).to.throw('bare: no license file in')
  })
})
