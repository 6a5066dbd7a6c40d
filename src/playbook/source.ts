import { existsSync, readdirSync, readFileSync, readlinkSync, statSync, type Stats } from 'node:fs'
import { join, resolve } from 'node:path'

import { reasonOf, TaskFailure } from '../errors.ts'
import type { Source, SourceEntry } from '../modules/definition/module.ts'
import type { Common } from './playbook.ts'

/** Returns the paths to search for the `src` of a task, in order. */
function* sourceCandidates(
  task: Pick<Common, 'searchPath'>,
  kind: 'file' | 'template',
  name: string,
): Generator<string> {
  for (const folder of task.searchPath) {
    yield resolve(folder, `${kind}s`, name)
    yield resolve(folder, name)
  }
}

/** Returns the file or directory of the `src` of a task. */
export function findSource(
  task: Pick<Common, 'searchPath'>,
  kind: 'file' | 'template',
  name: string,
): string | undefined {
  for (const path of sourceCandidates(task, kind, name)) if (existsSync(path)) return path
  return undefined
}

/** Returns the names that `src` could have. */
export function sourceNames(task: Pick<Common, 'searchPath'>, kind: 'file' | 'template'): string[] {
  return task.searchPath.flatMap((folder) => {
    const place = resolve(folder, `${kind}s`)
    if (statSync(place, { throwIfNoEntry: false })?.isDirectory() !== true) return []
    return readdirSync(place, { recursive: true, encoding: 'utf8' })
  })
}

interface Loaded {
  readonly version: string
  readonly source: Source
}

const files = new Map<string, Loaded>()

/** Reads a file, or a directory with everything below it. Symlinks in it stay symlinks. */
export function loadSource(path: string): Source {
  try {
    const status = statSync(path)
    if (status.isDirectory()) return { type: 'directory', path, entries: [...entriesOf(path, '')] }
    return loadFile(path, status)
  } catch (error) {
    if (error instanceof TaskFailure) throw error
    throw new TaskFailure(`cannot read ${path}: ${reasonOf(error)}`, {
      cause: error,
    })
  }
}

/** Reads a file, but again only if it has changed, because every host and every look-ahead needs it. */
function loadFile(path: string, status: Stats): Source {
  const version = `${status.ino} ${status.size} ${status.mtimeMs} ${status.mode}`
  const known = files.get(path)
  if (known?.version === version) return known.source
  const source: Source = { type: 'file', path, content: readFileSync(path), mode: modeOf(status) }
  files.set(path, { version, source })
  return source
}

function* entriesOf(root: string, folder: string): Generator<SourceEntry> {
  const entries = readdirSync(join(root, folder), { withFileTypes: true })
  for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    const absolute = join(root, path)
    if (entry.isSymbolicLink()) {
      yield { path, type: 'link', mode: '0777', target: readlinkSync(absolute) }
      continue
    }
    const mode = modeOf(statSync(absolute))
    if (entry.isDirectory()) {
      yield { path, type: 'directory', mode }
      yield* entriesOf(root, path)
    } else if (entry.isFile()) {
      yield { path, type: 'file', mode, content: readFileSync(absolute) }
    } else {
      throw new TaskFailure(`${absolute} is not a file, directory or symlink`)
    }
  }
}

function modeOf(status: Stats): string {
  return (status.mode & 0o7777).toString(8).padStart(4, '0')
}
