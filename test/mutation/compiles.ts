import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

import type { Workplace } from './isolated.ts'
import { applyTo, type Mutation } from './mutation.ts'

let checker: ((mutation: Mutation) => boolean) | undefined

/** Returns whether the file of a mutation still passes `npm run typecheck`. */
export function compiles(place: Workplace, mutation: Mutation): boolean {
  checker ??= checkerOf(place)
  return checker(mutation)
}

function checkerOf({ snapshot }: Workplace): (mutation: Mutation) => boolean {
  const settings = join(snapshot, 'tsconfig.json')
  const { config } = ts.readConfigFile(settings, ts.sys.readFile.bind(ts.sys)) as { config: unknown }
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, snapshot)
  const texts = new Map<string, { version: number; text: string }>()
  const service = ts.createLanguageService({
    getCompilationSettings: () => ({ ...options, noUnusedLocals: false, noUnusedParameters: false }),
    getScriptFileNames: () => fileNames,
    getScriptVersion: (file) => String(texts.get(file)?.version ?? 0),
    getScriptSnapshot: (file) => {
      const text = texts.get(file)?.text ?? ts.sys.readFile(file)
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
    },
    getCurrentDirectory: () => snapshot,
    getDefaultLibFileName: (compilerOptions) => ts.getDefaultLibFilePath(compilerOptions),
    fileExists: ts.sys.fileExists.bind(ts.sys),
    readFile: ts.sys.readFile.bind(ts.sys),
    readDirectory: ts.sys.readDirectory.bind(ts.sys),
    directoryExists: ts.sys.directoryExists.bind(ts.sys),
    getDirectories: ts.sys.getDirectories.bind(ts.sys),
    realpath: (path) => ts.sys.realpath?.(path) ?? path,
  })
  let version = 0
  return (mutation) => {
    const file = join(snapshot, mutation.file)
    const source = readFileSync(file, 'utf8')
    version += 1
    texts.set(file, { version, text: applyTo(source, mutation) })
    const problems = [...service.getSyntacticDiagnostics(file), ...service.getSemanticDiagnostics(file)]
    version += 1
    texts.set(file, { version, text: source })
    return problems.length === 0
  }
}
