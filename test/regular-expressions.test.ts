import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { checkSync } from 'recheck'
import ts from 'typescript'

/** The folders of code that reads text from hosts. */
const folders = ['engine', 'modules', 'report', 'state', 'target']

/** Files that create regular expressions at run time, with the origin of their text. */
const dynamic = [
  'combined-script.ts', // a mark of Hostwright; its test shows that it is linear
  'grants.ts', // constant; test/modules/linear-time.test.ts has its worst input
  'privilege-list.ts', // privileges in the playbook
  'regular-expression.ts', // patterns in the playbook: lineinfile, replace
  'sh.ts', // scripts of Hostwright
]

interface Found {
  readonly place: string
  readonly source: string
  readonly flags: string
}

const root = fileURLToPath(new URL('../src', import.meta.url))
const literals: Found[] = []
/** Matches unlimited repetitions: only they can take more than linear time. */
const repeats = /[*+]|,\}/
const made = new Set<string>()

for (const folder of folders)
  for (const file of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }))
    if (file.endsWith('.ts')) collect(`${folder}/${file}`)

describe('the regular expressions for text from hosts', () => {
  it('finds regular expressions in the source', () => {
    expect(literals).to.have.length.above(100)
  })

  it('finds only literals, which can be checked, with few exceptions', () => {
    expect([...made].sort()).to.deep.equal(dynamic)
  })

  it('finds only regular expressions that take linear time', () => {
    // the other backends are a Java archive and a native program
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
