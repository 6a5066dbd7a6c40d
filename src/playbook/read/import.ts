import { Part } from '../document/part.ts'
import { allowing, importKeywords } from '../keywords/keywords.ts'
import { readParameters, type ModuleKey } from '../params/module-call.ts'
import type { Node } from '../playbook.ts'
import type { ReadContext } from './context.ts'
import { callOf, checkParameters, readRoleReference } from './role-reference.ts'
import { loadRole } from './role.ts'
import { readTaskFile } from './task-file.ts'

/** Reads import_tasks: the tasks of the file replace it and inherit its keywords. */
export function importTasks(item: Part, key: ModuleKey, context: ReadContext): Node[] {
  const inside = contextOf(item, key, context)
  const file = fileOf(item, key, context)
  const name = context.reading.values.plainText(file, 'the name of an imported file')
  return file === undefined || name === undefined ? [] : readTaskFile(name, file.at(), inside)
}

/** Reads import_role: the tasks of the role replace it and inherit its keywords. */
export function importRole(item: Part, key: ModuleKey, context: ReadContext): Node[] {
  const inside = contextOf(item, key, context)
  const { reading } = context
  const reference = readRoleReference(item, key, reading)
  const name = reading.values.plainText(reference?.name, 'the name of an imported role')
  return reference === undefined || name === undefined ? [] : loadRole(callOf(reference, name), inside)
}

/** Returns the file of import_tasks or include_tasks, given alone or as a parameter. */
export function fileOf(item: Part, key: ModuleKey, context: ReadContext): Part | undefined {
  const part = item.get(key.key)
  if (part?.isMapping !== true && typeof part?.value === 'string') return part
  const { diagnostics } = context.reading
  const written = readParameters(item, key, undefined, diagnostics)
  if (written === undefined) return undefined
  const params = new Part(written)
  checkParameters(params, ['file', 'apply'], context.reading)
  if (params.get('file') === undefined) diagnostics.add(key.at, `${key.name} needs a file name`)
  return params.get('file')
}

function contextOf(item: Part, key: ModuleKey, context: ReadContext): ReadContext {
  const { values, keywords, diagnostics } = context.reading
  const loops = item.keys.filter((one) => one === 'loop' || one.startsWith('with_'))
  for (const loop of loops)
    diagnostics.add(
      item.keyAt([loop]),
      `${key.name} cannot have a loop`,
      `use ${key.name.replace('import', 'include')}`,
    )
  values.checkKeys(item, allowing(importKeywords, [key.key, ...loops]), key.name)
  return { ...context, inherited: keywords.withVars(context.inherited, item, `vars of ${key.name}`) }
}
