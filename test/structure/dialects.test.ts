import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'

const source = join(import.meta.dirname, '../../src')

describe('the dialects of expressions and templates', () => {
  it('keep the tags of EJS in variables/ejs', () => {
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    )
    const withTags = files.filter((file) => readFileSync(join(source, file), 'utf8').includes('<%'))
    const [inside, outside] = [true, false].map((isInside) =>
      withTags.filter((file) => file.startsWith('variables/ejs/') === isInside),
    )
    expect(inside).to.include('variables/ejs/ejs.ts')
    expect(outside).to.deep.equal([])
  })
})
