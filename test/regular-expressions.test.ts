import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { checkSync } from 'recheck'
import ts from 'typescript'

/** Where text from hosts is read. */
const folders = ['engine', 'modules', 'report', 'state', 'target']

/** Files with expressions that are put together at run time, with whose text it is. */
const dynamic = [
  'combined-script.ts', // a mark of ours; linear, as its test shows
  'grants.ts', // constant; much of its worst text is in test/modules/linear-time.test.ts
  'privilege-list.ts', // the privileges that an author writes
  'regular-expression.ts', // the author's own patterns: lineinfile, replace
  'sh.ts', // our own scripts
]

interface Found {
  readonly place: string
  readonly source: string
  readonly flags: string
}

const root = fileURLToPath(new URL('../src', import.meta.url))
const literals: Found[] = []
/** Only repetition without a limit can take more than linear time. */
const repeats = /[*+]|,\}/
const made = new Set<string>()

for (const folder of folders)
  for (const file of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }))
    if (file.endsWith('.ts')) collect(`${folder}/${file}`)

describe('The regular expressions over text from hosts', () => {
  it('are found', () => {
    expect(literals).to.have.length.above(100)
  })

  it('are literals, so that they can be checked, but for a few', () => {
    expect([...made].sort()).to.deep.equal(dynamic)
  })

  it('take linear time', () => {
    // Its other checkers are a Java archive and a native program.
    process.env['RECHECK_SYNC_BACKEND'] = 'pure'
    const different = new Map(literals.map((found) => [`/${found.source}/${found.flags}`, found]))
    const slow = [...different].flatMap(([shown, { place, source, flags }]) => {
      if (!repeats.test(source)) return []
      const { status } = checkSync(source, flags, { timeout: 30_000, randomSeed: 1 })
      return status === 'safe' ? [] : [`${place} ${shown} is ${status}`]
    })
    expect(slow).to.deep.equal([])
  }).timeout(120_000)
})

function collect(file: string): void {
  const source = ts.createSourceFile(
    file,
    readFileSync(join(root, file), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  )
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart())
      const end = node.text.lastIndexOf('/')
      literals.push({
        place: `${file}:${line + 1}`,
        source: node.text.slice(1, end),
        flags: node.text.slice(end + 1),
      })
    }
    const isCall = ts.isNewExpression(node) || ts.isCallExpression(node)
    if (isCall && node.expression.getText() === 'RegExp') made.add(basename(file))
    ts.forEachChild(node, visit)
  }
  visit(source)
}
