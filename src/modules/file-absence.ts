import { TaskFailure } from '../errors.ts'
import { sh } from '../target/sh.ts'
import type { FileForm } from './file-state.ts'
import { pathWrites } from './path-writes.ts'

/** Nothing is there: a link goes without what it leads to, a directory with all that is in it. */
export const absence: FileForm = {
  diff({ path: now }, { path }) {
    if (now.exists) return [{ field: 'state', before: now.type, after: 'absent' }]
    if (now.denied === true)
      throw new TaskFailure(`${path} cannot be looked at: permission denied`, { hint: 'set become: true' })
    return []
  },
  apply: (_changes, { path }, { path: now }) => [
    {
      script: now.exists && now.type === 'directory' ? sh`rm -rf ${path}` : sh`rm -f ${path}`,
      writes: pathWrites(
        { path, state: now, follow: false },
        { exists: false, ...(now.real === undefined ? {} : { real: now.real }) },
      ),
    },
  ],
}
