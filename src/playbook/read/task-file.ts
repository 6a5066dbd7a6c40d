import { dirname, resolve } from 'node:path'

import type { Position } from '../../errors.ts'
import { isFile } from '../document/yaml-files.ts'
import type { Node } from '../playbook.ts'
import type { ReadContext } from './context.ts'
import { readNodes } from './tasks.ts'

/** The file that an import or include names: beside the file that names it, in the role, beside the playbook. */
export function findTaskFile(name: string, context: ReadContext): string | undefined {
  return taskFileCandidates(name, context).find(isFile)
}

function taskFileCandidates(name: string, context: ReadContext): string[] {
  const role = context.role === undefined ? [] : [resolve(context.role.path, 'tasks', name)]
  return [...new Set([resolve(context.folder, name), ...role, resolve(context.play.playbookDir, name)])]
}

/** The tasks in a file; says so when the file is missing. */
export function readTaskFile(name: string, at: Position, context: ReadContext): Node[] {
  const { diagnostics, files } = context.reading
  const file = findTaskFile(name, context)
  if (file === undefined) {
    const candidates = taskFileCandidates(name, context)
    diagnostics.addGap(at, `there is no file ${name}`, `looked for ${candidates.join(', ')}`)
    return []
  }
  if (context.chain.includes(file)) {
    diagnostics.add(at, `${name} leads back to itself`)
    return []
  }
  const part = files.open(file, diagnostics)
  return readNodes(part, { ...context, folder: dirname(file), chain: [...context.chain, file] })
}
