import { TaskFailure } from '../errors.ts'
import type { PathState } from '../state/path.ts'

/** That nobody who is trusted less has led us to what is there, or can have put a name of another file there. */
export function demandOwn(path: string, state: PathState): void {
  if (state.strangersLink !== undefined) {
    const { path: link, stranger } = state.strangersLink
    const what = link === path ? 'it is a symlink' : `${link} is a symlink`
    throw new TaskFailure(`${path} is refused: ${what}, and ${stranger.name} can replace it`, {
      hint: `write the path that it leads to, or take write access to ${stranger.directory} from ${stranger.name}`,
    })
  }
  const { stranger } = state
  if (!state.exists || state.type === 'directory' || stranger === undefined) return
  if ((state.links ?? 1) > 1 && state.uid !== stranger.uid)
    throw new TaskFailure(
      `${path} is refused: the file has ${state.links} hard links, and ${stranger.name} can have made this one`,
      { hint: `find its other names with find / -xdev -samefile ${path}, and remove this one` },
    )
}
