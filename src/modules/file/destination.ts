import { dirname, join } from 'node:path/posix'

import type { Key } from '../../state/definition/key.ts'
import { path } from '../../state/path.ts'
import { endOf, type PathQuestion, type PathState } from '../../state/path/value.ts'
import type { LargeFile } from '../definition/module.ts'
import { sha256 } from '../placement/bytes.ts'
import type { Place } from '../placement/wanted-file.ts'

/** The destination of a file: `dest` is its path or a directory for it, with or without a trailing slash. */
export interface Destination {
  readonly dest: string
  /** The name of the file in a directory; undefined if only `dest` can name it. */
  readonly name: string | undefined
  readonly follow: boolean
  /** The wanted content, if it is known. */
  readonly content: Buffer | LargeFile | undefined
}

export interface DestinationKeys {
  dest: Key<PathState>
  inside: Key<PathState> | undefined
  directory: Key<PathState> | undefined
}

export interface DestinationState {
  readonly dest: PathState
  readonly inside: PathState | undefined
  readonly directory: PathState | undefined
}

export function destinationKeys({ dest, name, content }: Destination): DestinationKeys {
  const question = (of: string): PathQuestion => ({
    path: of,
    follow: true,
    ...(Buffer.isBuffer(content) ? { content: { unless: sha256(content) } } : { sha256: true }),
  })
  if (isDirectory(dest))
    return {
      dest: path.key({ path: withoutSlash(dest), follow: true }),
      inside: name === undefined ? undefined : path.key(question(join(dest, name))),
      directory: undefined,
    }
  return {
    dest: path.key(question(dest)),
    inside: name === undefined ? undefined : path.key(question(join(dest, name))),
    directory: path.key({ path: dirname(dest), follow: true }),
  }
}

/** Returns the place of the file itself. */
export function placeOf({ dest, name, follow }: Destination, state: DestinationState): Place {
  const inside = isDirectory(dest) || leadsToDirectory(state.dest)
  if (inside && name !== undefined && state.inside !== undefined) {
    const directory = makesDirectory(dest, state) ? undefined : state.dest
    return { path: join(dest, name), state: state.inside, follow, directory }
  }
  return { path: dest, state: state.dest, follow, directory: state.directory }
}

/** Returns the directory that must be created first. */
export function missingDirectory({ dest }: Destination, state: DestinationState): string | undefined {
  return makesDirectory(dest, state) ? withoutSlash(dest) : undefined
}

function makesDirectory(dest: string, state: DestinationState): boolean {
  return isDirectory(dest) && !state.dest.exists
}

function leadsToDirectory(state: PathState): boolean {
  const end = endOf(state)
  return end.exists && end.type === 'directory'
}

function isDirectory(dest: string): boolean {
  return dest.endsWith('/')
}

function withoutSlash(dest: string): string {
  return dest === '/' ? dest : dest.replace(/\/$/, '')
}
