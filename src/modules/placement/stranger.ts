import { TaskFailure } from '../../errors.ts'
import type { PathState } from '../../state/path/value.ts'

/** No user who is trusted less may have led us to what is there by a symlink. */
export function demandOwnWay(path: string, { strangersLink }: PathState): void {
  if (strangersLink === undefined) return
  const { path: link, stranger } = strangersLink
  const what = link === path ? 'it is a symlink' : `${link} is a symlink`
  throw new TaskFailure(`${path} is refused: ${what}, and ${stranger.name} can replace it`, {
    hint: `write the path that it leads to, or take write access to ${stranger.directory} from ${stranger.name}`,
  })
}

/** Nor may the file be one from elsewhere that such a user has given another name by a hard link. */
export function demandOwnFile(path: string, state: PathState): void {
  demandOwnWay(path, state)
  const { stranger } = state
  if (!state.exists || state.type === 'directory' || stranger === undefined) return
  const links = state.links ?? 1
  if (links === 1 || state.uid === stranger.uid) return
  throw new TaskFailure(
    `${path} is refused: the file has ${links} hard links, and ${stranger.name} can have made this one`,
    { hint: `find its other names with find / -xdev -samefile ${path}, and remove this one` },
  )
}
