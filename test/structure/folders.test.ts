import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect } from 'chai'

import { modules } from '../../src/modules/index.ts'
import type { AnyKind } from '../../src/state/definition/key.ts'

const source = join(import.meta.dirname, '../../src')
const mostFiles = 16

/** One file per module, and one per kind. */
const registries = ['modules', 'state']

function filesIn(folder: string): string[] {
  return readdirSync(join(source, folder), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
}

function isKind(value: unknown): value is AnyKind {
  return typeof value === 'object' && value !== null && 'touchedBy' in value && 'subject' in value
}

describe('the folders of src', () => {
  it(`hold at most ${mostFiles} files, but for the modules and the kinds`, () => {
    const folders = readdirSync(source, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ parentPath, name }) => join(parentPath, name).slice(source.length + 1))
    const large = folders.filter((folder) => filesIn(folder).length > mostFiles)
    expect(large.filter((folder) => !registries.includes(folder))).to.deep.equal([])
  })

  it('hold a file for each registered module directly in modules, named as the playbook names it, and no other', () => {
    const files = filesIn('modules').filter((name) => name !== 'index.ts')
    expect(files.sort()).to.deep.equal([...modules.keys()].map((name) => `${name}.ts`).sort())
  })

  it('hold one kind in each file directly in state, named as the file', async () => {
    for (const file of filesIn('state')) {
      const exported = (await import(join(source, 'state', file))) as Readonly<Record<string, unknown>>
      const kinds = Object.values(exported).filter(isKind)
      expect(
        kinds.map(({ name }) => name),
        file,
      ).to.deep.equal([basename(file, '.ts')])
    }
  })
})
