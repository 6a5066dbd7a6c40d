import { dirname } from 'node:path/posix'

import { TaskFailure } from '../../errors.ts'
import type { PathState } from '../../state/path/value.ts'
import { sh, type Script } from '../../target/sh.ts'

/** A missing directory in `shared`, with the states of the directories between the two. */
export interface MissingDirectory {
  /** The path relative to `shared`, e.g. "public/uploads". */
  readonly path: string
  readonly above: readonly { readonly path: string; readonly state: PathState }[]
}

/** Fails if another user controls a directory above: root creates the directory, and that user could redirect it. */
export function demandRootAbove(
  { path, above }: MissingDirectory,
  { root, owner, user }: { readonly root: string; readonly owner: string | undefined; readonly user: number },
): void {
  for (const { path: directory, state } of above) {
    if (!state.exists) continue
    const reason = insecurity(state, user)
    if (reason === undefined) continue
    const maker = owner?.split(':')[0] ?? state.owner ?? 'its owner'
    const place = `${root}/shared/${path}`
    throw new TaskFailure(
      `cannot create the shared directory ${place}: ${root}/shared/${directory} ${reason}, so root does not write to it`,
      { hint: `create it as its user, then deploy again: runuser -u ${maker} -- mkdir -p ${place}` },
    )
  }
}

function insecurity(state: PathState & { exists: true }, user: number): string | undefined {
  if (state.type !== 'directory') return `is a ${state.type === 'link' ? 'symlink' : state.type}`
  const isOwn = state.uid === undefined ? state.owner === 'root' : state.uid === 0 || state.uid === user
  if (!isOwn) return `belongs to ${state.owner ?? String(state.uid)}`
  if ((parseInt(state.mode, 8) & 0o022) !== 0) return `can be written by other users (mode ${state.mode})`
  return undefined
}

/**
 * Creates a shared directory with the content of the same directory in the unpacked release, the working directory.
 * It is created in a private directory on the same file system, and renamed into place when it is complete.
 */
export function makeShared(path: string, root: string, owner: string | undefined): Script {
  const place = `${root}/shared/${path}`
  const draft = draftOf(root)
  return sh`
    rm -rf -- ${draft}
    mkdir -m 0700 -- ${draft}
    mkdir -- ${`${draft}/directory`}
    if [ -d ${path} ] && [ ! -h ${path} ]; then cp -R -P -p -- ${`${path}/.`} ${`${draft}/directory`}; fi
    ${owner === undefined ? sh`` : sh`chown -R -h -- ${owner} ${`${draft}/directory`}`}
    mkdir -p -- ${dirname(place)}
    mv -T -- ${`${draft}/directory`} ${place}
    rmdir -- ${draft}
  `
}

/** Returns the private directory in which shared directories are created. Only root can write to `shared` itself. */
export function draftOf(root: string): string {
  return `${root}/shared/.new-shared`
}
