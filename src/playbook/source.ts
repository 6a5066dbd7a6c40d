import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  statSync,
  type Stats,
} from 'node:fs'
import { join, resolve } from 'node:path'

import { reasonOf, TaskFailure } from '../errors.ts'
import type { LargeFile, Source, SourceEntry } from '../modules/definition/module.ts'
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
  const version = versionOf(status)
  const known = files.get(path)
  if (known?.version === version) return known.source
  const source: Source = { type: 'file', path, content: contentOf(path, status), mode: modeOf(status) }
  files.set(path, { version, source })
  return source
}

function versionOf({ ino, size, mtimeMs, mode }: Stats): string {
  return `${ino} ${size} ${mtimeMs} ${mode}`
}

/** The size of files that are not kept in memory. */
const largeSize = 1024 * 1024

function contentOf(path: string, status: Stats): Buffer | LargeFile {
  return status.size < largeSize ? readFileSync(path) : largeFile(path, status)
}

const largeFiles = new Map<string, { readonly version: string; readonly file: LargeFile }>()

function largeFile(path: string, status: Stats): LargeFile {
  const version = versionOf(status)
  const known = largeFiles.get(path)
  if (known?.version === version) return known.file
  const file = { path, size: status.size, sha256: digestOf(path) }
  largeFiles.set(path, { version, file })
  return file
}

function digestOf(path: string): string {
  const digest = createHash('sha256')
  const piece = Buffer.allocUnsafe(largeSize)
  const file = openSync(path, 'r')
  try {
    for (let length = readSync(file, piece); length > 0; length = readSync(file, piece))
      digest.update(piece.subarray(0, length))
  } finally {
    closeSync(file)
  }
  return digest.digest('hex')
}

/** Returns the content of a source, for a template, which must be in memory to be rendered. */
export function wholeContent(content: Buffer | LargeFile): Buffer {
  return Buffer.isBuffer(content) ? content : readFileSync(content.path)
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
    const status = statSync(absolute)
    const mode = modeOf(status)
    if (entry.isDirectory()) {
      yield { path, type: 'directory', mode }
      yield* entriesOf(root, path)
    } else if (entry.isFile()) {
      yield { path, type: 'file', mode, content: contentOf(absolute, status) }
    } else {
      throw new TaskFailure(`${absolute} is not a file, directory or symlink`)
    }
  }
}

function modeOf(status: Stats): string {
  return (status.mode & 0o7777).toString(8).padStart(4, '0')
}
