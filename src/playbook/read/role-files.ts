import { readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

import type { Layer } from '../../variables/layer.ts'
import { isFile, isFolder } from '../document/yaml-files.ts'
import type { ReadContext, Reading } from './context.ts'

const endings = ['.yml', '.yaml', '']

/** Returns the folder of a role. */
export function findRole(name: string, context: ReadContext): string | undefined {
  if (/^[./~]/.test(name)) {
    const folder = resolve(context.play.playbookDir, name)
    return isFolder(folder) ? folder : undefined
  }
  return rolesFolders(context)
    .map((folder) => join(folder, name))
    .find(isFolder)
}

/** Returns the names of the available roles. */
export function roleNames(context: ReadContext): string[] {
  return rolesFolders(context)
    .filter(isFolder)
    .flatMap((folder) => readdirSync(folder))
}

export function rolesFolders(context: ReadContext): string[] {
  const siblings = context.role === undefined ? [] : [dirname(context.role.path)]
  return [...new Set([...siblings, ...context.play.rolesFolders(context.reading.projectDir)])]
}

/** Returns the file of a role: tasks/main.yml, or the given name instead of main. */
export function roleFile(role: string, folder: string, name = 'main'): string | undefined {
  return endings.map((ending) => join(role, folder, name + ending)).find(isFile)
}

/** Reads the variables of a role: a file, or all files in a folder of that name. */
export function roleVariables(
  role: string,
  folder: 'defaults' | 'vars',
  origin: string,
  reading: Reading,
  name = 'main',
): Layer {
  const layers = variableFiles(role, folder, name).flatMap((file) => readVariables(file, origin, reading))
  const [first, second] = layers
  if (first === undefined) return { origin, values: new Map(), literal: true }
  if (second === undefined) return first
  return {
    ...first,
    values: new Map(layers.flatMap((layer) => [...layer.values])),
    at: (key, path) => layers.findLast((layer) => layer.values.has(key))?.at?.(key, path),
  }
}

/** Reads the variables of a file; returns no layer if it is invalid YAML. */
export function readVariables(file: string, origin: string, reading: Reading): Layer[] {
  const part = reading.files.open(file, reading.diagnostics)
  return part === undefined ? [] : [reading.values.variables(part, origin)]
}

function variableFiles(role: string, folder: string, name: string): string[] {
  const inFolder = join(role, folder, name)
  if (isFolder(inFolder))
    return readdirSync(inFolder)
      .sort()
      .filter((file) => /\.ya?ml$/.test(file))
      .map((file) => join(inFolder, file))
  const file = roleFile(role, folder, name)
  return file === undefined ? [] : [file]
}
