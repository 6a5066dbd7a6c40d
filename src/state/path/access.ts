import { dirname } from 'node:path/posix'

import type { Access } from './attributes.ts'
import type { SeenPath } from './seen-path.ts'
import type { PathState, UntrustedLink, UntrustedWriter } from './value.ts'

/** Finds the users who can replace a path, from the owners and modes of directories. */
export class PathAccess {
  readonly #self: Access
  readonly #folders = new Map<string, Access>()
  readonly #links = new Map<string, Access>()
  /** By directory. */
  readonly #writers = new Map<string, UntrustedWriter | undefined>()

  /** @param self the ids of the user who reads */
  constructor(self: Access) {
    this.#self = self
  }

  /** @param path without symlinks; the root directory is empty */
  addFolder(path: string, access: Access): void {
    this.#folders.set(path, access)
  }

  addLink(path: string, access: Access): void {
    this.#links.set(path, access)
  }

  /** Returns the state with the untrusted users who can replace the path. */
  judge({ hops, end, state }: SeenPath & { readonly state: PathState }): PathState {
    const judged = this.#withWriter(state, this.#untrustedLink(hops, this.#folders.get(parentOf(state))))
    if (!judged.exists || judged.followed === undefined || end === undefined) return judged
    const link = judged.untrustedLink ?? this.#untrustedLink(end.hops, accessOf(judged.followed))
    return { ...judged, followed: this.#withWriter(judged.followed, link) }
  }

  #withWriter(state: PathState, untrustedLink: UntrustedLink | undefined): PathState {
    const untrustedWriter = this.#untrustedWriter(parentOf(state))
    if (untrustedWriter === undefined && untrustedLink === undefined) return state
    return {
      ...state,
      ...(untrustedWriter === undefined ? {} : { untrustedWriter }),
      ...(untrustedLink === undefined ? {} : { untrustedLink }),
    }
  }

  /** Returns the first insecure symlink. An untrusted user's symlink is secure if it points to a file of that user. */
  #untrustedLink(hops: readonly string[], end: Owned | undefined): UntrustedLink | undefined {
    for (const path of hops) {
      const link = this.#links.get(path)
      const writer = this.#untrustedWriter(withoutRoot(dirname(path)))
      if (link === undefined || writer === undefined) continue
      const isTrusted = this.#isTrusted(link)
      const hasSameOwner = !isTrusted && link.uid === end?.uid
      if (hasSameOwner || (isTrusted && writer.sticky === true)) continue
      return { path, writer }
    }
    return undefined
  }

  #untrustedWriter(folder: string): UntrustedWriter | undefined {
    if (!this.#writers.has(folder)) this.#writers.set(folder, this.#findUntrustedWriter(folder))
    return this.#writers.get(folder)
  }

  /** Returns the first untrusted users, from / down, who can replace a name. A sticky directory exposes only its entries. */
  #findUntrustedWriter(folder: string): UntrustedWriter | undefined {
    const parts = folder.split('/')
    for (let count = 1; count <= parts.length; count += 1) {
      const path = parts.slice(0, count).join('/')
      const access = this.#folders.get(path)
      if (access === undefined) continue
      const directory = path === '' ? '/' : path
      if (!this.#isTrusted(access)) return { name: `user ${access.owner}`, uid: access.uid, directory }
      const writer = this.#otherWriter(access)
      if (writer === undefined) continue
      if (!isSticky(access)) return { name: writer, directory }
      if (path === folder) return { name: writer, directory, sticky: true }
    }
    return undefined
  }

  #isTrusted({ uid }: Access): boolean {
    return uid === 0 || uid === this.#self.uid
  }

  /** Returns other users with write permission. The user's private group does not count. */
  #otherWriter({ mode, group, gid }: Access): string | undefined {
    const bits = parseInt(mode, 8)
    if ((bits & 0o002) !== 0) return 'every user'
    const isOwnGroup = this.#self.uid !== 0 && gid === this.#self.gid
    return (bits & 0o020) === 0 || isOwnGroup ? undefined : `group ${group}`
  }
}

interface Owned {
  readonly uid?: number | undefined
}

function accessOf(state: PathState): Owned | undefined {
  return state.exists ? state : undefined
}

/** Returns the parent directory, or the root directory if the real path is unknown. */
function parentOf({ real }: PathState): string {
  return real === undefined ? '' : withoutRoot(dirname(real))
}

function withoutRoot(path: string): string {
  return path === '/' ? '' : path
}

function isSticky({ mode }: Access): boolean {
  return (parseInt(mode, 8) & 0o1000) !== 0
}
