import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { expect } from 'chai'
import ts from 'typescript'

describe('the files of a new module in CONTRIBUTING.md', () => {
  const shown = filesShownIn(readFileSync('CONTRIBUTING.md', 'utf8'))
  const mistaken = new Map([
    ['src/modules/mistaken.ts', "export { defineKind } from '../state/definition/key.ts'\n"],
  ])
  let problems: ReadonlyMap<string, string>
  before(() => {
    problems = problemsIn(new Map([...shown, ...mistaken]))
  })

  it('have paths', () => {
    expect([...shown.keys()]).to.deep.equal([
      'src/state/alternative.ts',
      'src/modules/alternatives.ts',
      'test/modules/alternatives.test.ts',
    ])
  })

  it('compile', () => {
    for (const path of shown.keys()) expect(problems.get(path), path).to.equal('')
  })

  it('would be reported if they did not compile', () => {
    for (const path of mistaken.keys()) expect(problems.get(path)).to.include("'defineKind'")
  })
})

/** Returns the blocks of TypeScript that follow the path of their file and a colon. */
function filesShownIn(markdown: string): Map<string, string> {
  const blocks = markdown.matchAll(/`([\w/.]+\.ts)`:\n\n```ts\n(.*?)^```$/gms)
  return new Map([...blocks].map(([, path = '', text = '']) => [path, text]))
}

/** Checks the types of files as if they were in the project. Returns the errors of each. */
function problemsIn(files: ReadonlyMap<string, string>): Map<string, string> {
  const textOf = (path: string): string | undefined => files.get(relative(process.cwd(), path))
  const system: ts.System = {
    ...ts.sys,
    fileExists: (path) => textOf(path) !== undefined || ts.sys.fileExists(path),
    readFile: (path) => textOf(path) ?? ts.sys.readFile(path),
  }
  const { config } = ts.readConfigFile('tsconfig.test.json', ts.sys.readFile.bind(ts.sys)) as {
    config: object
  }
  const { options } = ts.parseJsonConfigFileContent(
    { ...config, include: [], files: [...files.keys()] },
    ts.sys,
    process.cwd(),
  )
  const host = ts.createIncrementalCompilerHost(options, system)
  const program = ts.createProgram([...files.keys()], options, host)
  return new Map(
    [...files.keys()].map((path) => {
      const found = ts.getPreEmitDiagnostics(program, program.getSourceFile(path))
      return [path, ts.formatDiagnostics(found, host)]
    }),
  )
}
