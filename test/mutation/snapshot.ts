import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import type { Workplace } from './isolated.ts'
import { projectFolder } from './places.ts'

/** Copies the project, so that edits do not disturb the run. The copy is removed when this process ends. */
export function takeSnapshot(): Workplace {
  const scratch = mkdtempSync(join(tmpdir(), 'hostwright-mutation-'))
  process.once('exit', () => {
    rmSync(scratch, { recursive: true, force: true })
  })
  const snapshot = join(scratch, 'snapshot')
  const listed = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const files = execFileSync('git', listed, { cwd: projectFolder, encoding: 'utf8' })
  for (const file of files.split('\0').filter((name) => name !== '' && name !== 'node_modules'))
    cpSync(join(projectFolder, file), join(snapshot, file), { verbatimSymlinks: true })
  const modules = join(projectFolder, 'node_modules')
  if (realpathSync(modules) !== modules) symlinkSync(realpathSync(modules), join(snapshot, 'node_modules'))
  return { snapshot, scratch }
}

let layers = 0

/** Creates a folder with replacements for some files of the project. */
export function layerWith(place: Workplace, texts: ReadonlyMap<string, string>): string {
  layers += 1
  const layer = join(place.scratch, `layer-${layers}`)
  mkdirSync(layer)
  for (const [file, text] of texts) {
    mkdirSync(dirname(join(layer, file)), { recursive: true })
    writeFileSync(join(layer, file), text)
  }
  return layer
}
