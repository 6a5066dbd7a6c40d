import { TaskFailure } from '../../errors.ts'
import type { PathState } from '../../state/path/value.ts'

/** Fails if a less trusted user can have redirected the path with a symlink. */
export function demandOwnWay(path: string, { strangersLink }: PathState): void {
  if (strangersLink === undefined) return
  const { path: link, stranger } = strangersLink
  const what = link === path ? 'it is a symlink' : `${link} is a symlink`
  throw new TaskFailure(`${path} is refused: ${what}, and ${stranger.name} can replace it`, {
    hint: `use the path to which it points, or revoke write access to ${stranger.directory} from ${stranger.name}`,
  })
}

/** Also fails if such a user can have created a hard link to a file elsewhere. */
export function demandOwnFile(path: string, state: PathState): void {
  demandOwnWay(path, state)
  const { stranger } = state
  if (!state.exists || state.type === 'directory' || stranger === undefined) return
  const links = state.links ?? 1
  if (links === 1 || state.uid === stranger.uid) return
  throw new TaskFailure(
    `${path} is refused: the file has ${links} hard links, and ${stranger.name} can have made this one`,
    { hint: `find the other hard links with find / -xdev -samefile ${path}, and remove this one` },
  )
}
