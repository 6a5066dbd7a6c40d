import { statSync } from 'node:fs'

import { projectDialect } from '../../variables/dialects.ts'
import { loadYaml, type YamlDocument } from '../../yaml/yaml-document.ts'
import type { Diagnostics } from './diagnostics.ts'
import { shownPath } from './display-path.ts'
import { Part } from './part.ts'

/** The YAML files of a playbook, each read once. */
export class YamlFiles {
  readonly #documents = new Map<string, YamlDocument>()

  /** Returns the content of a file; undefined if it is invalid YAML, which is added to the diagnostics. */
  open(file: string, diagnostics: Diagnostics): Part | undefined {
    const dialect = projectDialect
    const known = this.#documents.get(file)
    const document =
      known ??
      diagnostics.collect(() =>
        loadYaml(shownPath(file), {
          report: (found) => {
            for (const { at, message, hint } of found) diagnostics.add(at, message, hint)
          },
          braceAdvice: dialect.adviceFor({ type: 'unquoted brace' }),
        }),
      )
    if (document === undefined) return undefined
    this.#documents.set(file, document)
    return new Part({ ...document, dialect })
  }
}

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
