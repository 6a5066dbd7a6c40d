import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { InvalidInputError } from '../../src/errors.ts'

/** Creates a folder with files, which `remove` removes. */
export function folderWith(files: Readonly<Record<string, string>>): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'hostwright-inventory-'))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), content)
  }
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true })
    },
  }
}

/** Returns the diagnostics that a function throws, as "file:line:column message", with files relative to the folder. */
export function diagnosticsOf(folder: string, run: () => unknown): string[] {
  try {
    run()
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    return error.diagnostics.map(({ at, message }) =>
      `${at.file}:${at.line}:${at.column} ${message}`.replaceAll(`${folder}/`, ''),
    )
  }
  return []
}
