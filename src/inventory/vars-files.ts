import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

import { InvalidInputError } from '../errors.ts'
import type { Layer } from '../variables/layer.ts'
import { isPlainObject } from '../variables/plain.ts'
import { loadYaml } from '../yaml/yaml-document.ts'
import type { Draft } from './draft.ts'

const extensions = ['', '.yml', '.yaml', '.json']

/**
 * Reads the variables of group_vars/NAME or host_vars/NAME: a file with one of the usual extensions, or a directory.
 */
export function readVarsFiles(folder: string, name: string, draft: Draft): Layer[] {
  const found = extensions
    .map((extension) => join(folder, name + extension))
    .filter((path) => existsSync(path))
  const [path, other] = found
  if (path === undefined) return []
  if (other !== undefined)
    draft.report(
      { file: other, line: 1, column: 1 },
      `duplicate variables file: ${path} also exists`,
      'keep one of them, or use a directory',
    )
  return filesOf(path).flatMap((file) => readVarsFile(file, draft))
}

/** Returns the files below a directory, sorted by name, without hidden files and backups. */
function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path)
    .toSorted()
    .filter((name) => !isLeftover(name))
    .flatMap((name) => filesOf(join(path, name)))
    .filter((file) => /\.(yml|yaml|json)$|\/[^./]+$/.test(file))
}

/** Returns true for a backup, a hidden file or another file that is not read. */
export function isLeftover(name: string): boolean {
  return name.startsWith('.') || /(~|\.(bak|orig|swp|rpmsave|rpmnew|retry|pyc|md|txt|rst|cfg))$/.test(name)
}

function readVarsFile(file: string, draft: Draft): Layer[] {
  try {
    const { dialect } = draft
    const document = loadYaml(file, { braceAdvice: dialect.adviceFor({ type: 'unquoted brace' }) })
    const { value } = document
    if (value === null) return []
    if (!isPlainObject(value)) {
      draft.report(document.at([]), 'a variables file must be a mapping of names to values')
      return []
    }
    for (const name of Object.keys(value)) draft.checkVariable(name, document.keyAt([name]))
    return [
      {
        origin: file,
        values: new Map(Object.entries(value)),
        dialect,
        at: (name, path = []) => document.at([name, ...path]),
      },
    ]
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    draft.diagnostics.push(...error.diagnostics)
    return []
  }
}
