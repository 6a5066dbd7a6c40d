import { existsSync, readFileSync, statSync } from 'node:fs'
import { expect } from 'chai'

const text = readFileSync('docs/architecture.md', 'utf8')

describe('docs/architecture.md', () => {
  it('names only files and folders that exist', () => {
    const spans = codeIn(text).filter((span) => /^(?:src|test|docs|playbooks)\/[\w./-]+$/.test(span))
    expect(spans).to.include('src/variables/dialect.ts')
    expect(spans.filter((path) => !existsSync(path))).to.deep.equal([])
  })

  describe('table of places to change', () => {
    const rows = tableBelow('## Where do I change …?')

    it('has rows', () => {
      expect(rows.length).to.be.above(15)
    })

    for (const [subject = '', place = '', advice = ''] of rows)
      it(`names one place, and only names that it contains: ${subject}`, () => {
        const [path = '', ...more] = codeIn(place)
        expect(more).to.deep.equal([])
        expect(place).to.equal(`\`${path}\``)
        expect(existsSync(path), path).to.equal(true)
        const names = codeIn(advice).filter((name) => !name.startsWith('src/'))
        if (statSync(path).isFile())
          expect(names.filter((name) => !readFileSync(path, 'utf8').includes(name))).to.deep.equal([])
      })
  })
})

function codeIn(markdown: string): string[] {
  return [...markdown.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)
}

/** Returns the cells of the table below a heading, without its first row. */
function tableBelow(heading: string): string[][] {
  const section = text.split(`\n${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  const lines = section.split('\n').filter((line) => line.startsWith('|'))
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}
