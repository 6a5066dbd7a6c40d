import { join, relative } from 'node:path'
import ts from 'typescript'

/**
 * Type-checks `src` and returns the type declarations of the library, by their paths in `dist`: those of src/index.ts
 * and of the files that its declarations import. Throws if `src` has errors.
 */
export function declarations(): Map<string, string> {
  const program = programOfSources()
  const errors = ts.getPreEmitDiagnostics(program)
  if (errors.length > 0) throw new Error(ts.formatDiagnostics(errors, format))

  const texts = new Map<string, string>()
  const files = ['index.ts']
  for (const file of files) {
    const text = declarationsOf(program, file)
    texts.set(file.replace(/\.ts$/, '.d.ts'), text)
    files.push(...importsOf(file, text).filter((imported) => !files.includes(imported)))
  }
  return texts
}

const format: ts.FormatDiagnosticsHost = {
  getCurrentDirectory: () => process.cwd(),
  getCanonicalFileName: (name) => name,
  getNewLine: () => '\n',
}

function programOfSources(): ts.Program {
  const options = { noEmit: false, declaration: true, emitDeclarationOnly: true }
  const config = ts.getParsedCommandLineOfConfigFile('tsconfig.json', options, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (error) => {
      throw new Error(ts.formatDiagnostic(error, format))
    },
  })
  if (config === undefined) throw new Error('tsconfig.json: not found')
  return ts.createProgram(config.fileNames, config.options)
}

/** Returns the declarations of a file of `src`. */
function declarationsOf(program: ts.Program, file: string): string {
  let declared = ''
  const write: ts.WriteFileCallback = (_path, text) => {
    declared += text
  }
  program.emit(program.getSourceFile(join('src', file)), write, undefined, true)
  return declared
}

/** Returns the files of `src` that declarations import. Throws if they import a package, which is not installed. */
function importsOf(file: string, declared: string): string[] {
  return ts.preProcessFile(declared).importedFiles.map(({ fileName }) => {
    if (!fileName.startsWith('.')) throw new Error(`src/${file}: its declarations import '${fileName}'`)
    return relative('.', join(file, '..', fileName))
  })
}
