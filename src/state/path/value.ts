export interface PathQuestion {
  /** From the root, without doubled or trailing slashes. */
  readonly path: string
  /** Of a link, also what it leads to: the answer's `followed`. */
  readonly follow?: boolean
  readonly sha256?: boolean
  /** Of a file: always up to 5 MB, or at most 100 KB unless this is its hash already. */
  readonly content?: 'always' | { readonly unless: string }
  /** That size and time of a directory matter, which every new entry changes. */
  readonly times?: boolean
}

export type PathState = AbsentPath | ExistingPath

/** A user who is trusted less than the one who asks (who trusts root and himself), and can exchange a name for another. */
export interface Stranger {
  /** e.g. "user www-data", "group staff", "every user" */
  readonly name: string
  /** Of the owner of the directory, where it is the owner. */
  readonly uid?: number
  /** Where he can do so. */
  readonly directory: string
  /** Only names in that very directory, of what is not there or is a stranger's. */
  readonly sticky?: true
}

/** A symlink that a stranger may have put where it is. */
export interface StrangersLink {
  readonly path: string
  readonly stranger: Stranger
}

interface PlacedPath {
  /** Who else decides what is there. */
  readonly stranger?: Stranger
  /** On the way, the path itself included where it was followed. */
  readonly strangersLink?: StrangersLink
}

export interface AbsentPath extends PlacedPath {
  readonly exists: false
  /** The path without links in its directories, where known. */
  readonly real?: string
  /** A directory on the way may not be entered by the user who asked: nobody can say what is there. */
  readonly denied?: true
}

export type PathType = 'file' | 'directory' | 'link' | 'fifo' | 'socket' | 'block' | 'character'

/** What is missing was not asked for, cannot be read, or is not known before it is made: the owner of a new file, its time. */
export interface ExistingPath extends PlacedPath {
  readonly exists: true
  readonly type: PathType
  /** Four octal digits. */
  readonly mode: string
  /** The name, or digits where the number has no name. */
  readonly owner?: string
  readonly group?: string
  readonly uid?: number
  readonly gid?: number
  readonly size?: number
  /** Seconds since 1970. */
  readonly mtime?: number
  readonly device?: number
  readonly inode?: number
  /** How many names it has. */
  readonly links?: number
  /** Of a link: its text. */
  readonly target?: string
  /** Of a link, when asked: what is at its end, never a link itself. */
  readonly followed?: PathState
  readonly sha256?: string
  readonly content?: Buffer
  readonly real?: string
}

/** What a path leads to: for a link that was asked to be followed its end, else itself. */
export function endOf(state: PathState): PathState {
  return state.exists && state.type === 'link' && state.followed !== undefined ? state.followed : state
}
