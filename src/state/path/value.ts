export interface PathQuestion {
  /** The absolute path, without double or trailing slashes. */
  readonly path: string
  /** If true, the target of a symlink is read too, as `followed`. */
  readonly follow?: boolean
  readonly sha256?: boolean
  /** The content of a file is read: always, up to 5 MB; or up to 100 KB unless the file has this hash. */
  readonly content?: 'always' | { readonly unless: string }
  /** If true, the size and time of a directory matter, which change with every new entry. */
  readonly times?: boolean
}

export type PathState = AbsentPath | ExistingPath

/** Users who can replace a path, other than root and the user who reads. */
export interface UntrustedWriter {
  /** The name, such as "user www-data", "group staff", "every user". */
  readonly name: string
  /** The uid, if it is the owner of the directory. */
  readonly uid?: number
  /** The directory that these users can change. */
  readonly directory: string
  /** True in a sticky directory: only absent entries and entries of untrusted users are at risk. */
  readonly sticky?: true
}

/** A symlink that an untrusted user may have created. */
export interface UntrustedLink {
  readonly path: string
  readonly writer: UntrustedWriter
}

interface PlacedPath {
  /** The users who can replace the path. */
  readonly untrustedWriter?: UntrustedWriter
  /** An insecure symlink among the directories, or the path itself if it was followed. */
  readonly untrustedLink?: UntrustedLink
}

export interface AbsentPath extends PlacedPath {
  readonly exists: false
  /** The path with all symlinks in its directories resolved, if known. */
  readonly real?: string
  /** True if the user who reads has no access to a directory of the path, so its state is unknown. */
  readonly denied?: true
}

export type PathType = 'file' | 'directory' | 'link' | 'fifo' | 'socket' | 'block' | 'character'

/** A path that exists. Missing fields were not asked for, cannot be read, or are unknown until the path is created. */
export interface ExistingPath extends PlacedPath {
  readonly exists: true
  readonly type: PathType
  /** The mode as four octal digits. */
  readonly mode: string
  /** The name of the owner, or the uid if it has no name. */
  readonly owner?: string
  readonly group?: string
  readonly uid?: number
  readonly gid?: number
  readonly size?: number
  /** The modification time in seconds since 1970. */
  readonly mtime?: number
  readonly device?: number
  readonly inode?: number
  /** The number of hard links. */
  readonly links?: number
  /** The target of a symlink. */
  readonly target?: string
  /** The state at the end of a symlink, if asked for; never a symlink itself. */
  readonly followed?: PathState
  readonly sha256?: string
  readonly content?: Buffer
  readonly real?: string
}

/** Returns the end of a followed symlink, or the state itself. */
export function endOf(state: PathState): PathState {
  return state.exists && state.type === 'link' && state.followed !== undefined ? state.followed : state
}
