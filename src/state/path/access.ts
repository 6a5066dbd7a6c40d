import { dirname } from 'node:path/posix'

import type { Access } from './attributes.ts'
import type { SeenPath } from './seen-path.ts'
import type { PathState, Stranger, StrangersLink } from './value.ts'

/** Who can exchange which names, from the owners and modes of directories. */
export class PathAccess {
  readonly #self: Access
  readonly #folders = new Map<string, Access>()
  readonly #links = new Map<string, Access>()

  /** @param self what belongs to the user who asks */
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

  /** The state with the strangers who can put something else in its place. */
  judge({ hops, end, state }: SeenPath & { readonly state: PathState }): PathState {
    const judged = this.#withStranger(state, this.#strangersLink(hops, this.#folders.get(parentOf(state))))
    if (!judged.exists || judged.followed === undefined || end === undefined) return judged
    const link = judged.strangersLink ?? this.#strangersLink(end.hops, accessOf(judged.followed))
    return { ...judged, followed: this.#withStranger(judged.followed, link) }
  }

  #withStranger(state: PathState, strangersLink: StrangersLink | undefined): PathState {
    const stranger = this.#strangerOf(parentOf(state))
    return {
      ...state,
      ...(stranger === undefined ? {} : { stranger }),
      ...(strangersLink === undefined ? {} : { strangersLink }),
    }
  }

  /** A stranger's symlink counts only when it leads to what belongs to that stranger anyway. */
  #strangersLink(hops: readonly string[], end: Owned | undefined): StrangersLink | undefined {
    for (const path of hops) {
      const link = this.#links.get(path)
      const stranger = this.#strangerOf(withoutRoot(dirname(path)))
      if (link === undefined || stranger === undefined) continue
      const isTrusted = this.#isTrusted(link)
      const leadsHome = !isTrusted && link.uid === end?.uid
      if (leadsHome || (isTrusted && stranger.sticky === true)) continue
      return { path, stranger }
    }
    return undefined
  }

  /** The first on the way down who can exchange a name. In a sticky directory only what is right in it is in danger. */
  #strangerOf(folder: string): Stranger | undefined {
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

  /** The group of a user's own name is no stranger to that user. */
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

/** Of the deepest directory that may be there: above it, nothing is known. */
function parentOf({ real }: PathState): string {
  return real === undefined ? '' : withoutRoot(dirname(real))
}

function withoutRoot(path: string): string {
  return path === '/' ? '' : path
}

function isSticky({ mode }: Access): boolean {
  return (parseInt(mode, 8) & 0o1000) !== 0
}
