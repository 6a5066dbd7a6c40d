import { basename, dirname } from 'node:path/posix'

import { TaskFailure } from '../../errors.ts'
import { sh, type Script } from '../../target/sh.ts'
import { pathWrites } from '../placement/path-writes.ts'
import { inDirectory } from '../placement/private-directory.ts'
import { demandTrustedSymlinks } from '../placement/untrusted-link.ts'
import { removeTree } from '../placement/tree.ts'
import type { FileForm } from './state.ts'

/** The state `absent`: removes a symlink without its target, and a directory with its content. */
export const absence: FileForm = {
  diff({ path: now }, { path }) {
    demandTrustedSymlinks(path, now)
    if (now.exists) return [{ field: 'state', before: now.type, after: 'absent' }]
    if (now.denied === true)
      throw new TaskFailure(`${path} cannot be read: permission denied`, { hint: 'set become: true' })
    return []
  },
  apply: (_changes, { path }, { path: now }) => [
    {
      script:
        now.exists && now.type === 'directory' ? removeTree(now.real ?? path) : remove(now.real ?? path),
      writes: pathWrites(
        { path, state: now, follow: false },
        { exists: false, ...(now.real === undefined ? {} : { real: now.real }) },
      ),
    },
  ],
}

function remove(path: string): Script {
  return inDirectory(dirname(path), sh`rm -f ${`./${basename(path)}`}`)
}
