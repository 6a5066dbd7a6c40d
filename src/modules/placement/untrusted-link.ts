import { TaskFailure } from '../../errors.ts'
import type { PathState } from '../../state/path/value.ts'

/** Fails if a less trusted user can have redirected the path with a symlink. */
export function demandTrustedSymlinks(path: string, { untrustedLink }: PathState): void {
  if (untrustedLink === undefined) return
  const { path: link, writer } = untrustedLink
  const what = link === path ? 'it is a symlink' : `${link} is a symlink`
  throw new TaskFailure(`${path} is refused: ${what}, and ${writer.name} can replace it`, {
    hint: `use the path to which it points, or revoke write access to ${writer.directory} from ${writer.name}`,
  })
}

/** Also fails if such a user can have created a hard link to a file elsewhere. */
export function demandTrustedLinks(path: string, state: PathState): void {
  demandTrustedSymlinks(path, state)
  const { untrustedWriter: writer } = state
  if (!state.exists || state.type === 'directory' || writer === undefined) return
  const links = state.links ?? 1
  if (links === 1 || state.uid === writer.uid) return
  throw new TaskFailure(
    `${path} is refused: the file has ${links} hard links, and ${writer.name} can have made this one`,
    { hint: `find the other hard links with find / -xdev -samefile ${path}, and remove this one` },
  )
}
