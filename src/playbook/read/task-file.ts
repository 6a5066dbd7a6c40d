import { dirname, resolve } from 'node:path'

import type { Position } from '../../errors.ts'
import { isFile } from '../document/yaml-files.ts'
import type { Node } from '../playbook.ts'
import type { ReadContext } from './context.ts'
import { readNodes } from './tasks.ts'

/** Finds the file of an import or include: alongside the importing file, in the role, alongside the playbook. */
export function findTaskFile(name: string, context: ReadContext): string | undefined {
  return taskFileCandidates(name, context).find(isFile)
}

function taskFileCandidates(name: string, context: ReadContext): string[] {
  const role = context.role === undefined ? [] : [resolve(context.role.path, 'tasks', name)]
  return [...new Set([resolve(context.folder, name), ...role, resolve(context.play.playbookDir, name)])]
}

/** Reads the tasks of a file; reports a missing file. */
export function readTaskFile(name: string, at: Position, context: ReadContext): Node[] {
  const { diagnostics, files } = context.reading
  const file = findTaskFile(name, context)
  if (file === undefined) {
    const candidates = taskFileCandidates(name, context)
    diagnostics.addGap(at, `no such file: ${name}`, `searched for ${candidates.join(', ')}`)
    return []
  }
  if (context.chain.includes(file)) {
    diagnostics.add(at, `${name} imports itself`)
    return []
  }
  const part = files.open(file, diagnostics)
  return readNodes(part, { ...context, folder: dirname(file), chain: [...context.chain, file] })
}
