import * as z from 'zod'

import { path } from '../state/path.ts'
import { endOf, type ExistingPath, type PathState } from '../state/path/value.ts'
import { defineModule, type Given } from './definition/module.ts'
import { absolutePath, booleanParam } from './definition/parameters.ts'

const params = z.strictObject({
  path: absolutePath,
  follow: booleanParam.default(false),
  get_checksum: booleanParam.default(true),
  checksum_algorithm: z.literal('sha256').default('sha256'),
})

type StatParams = Given<z.infer<typeof params>>

export const stat = defineModule({
  name: 'stat',
  summary: 'Registers the state of a path.',
  documentation: () => ({
    parameters: {
      path: 'Absolute path.',
      follow: 'Registers the target of a symlink instead of the symlink itself.',
      get_checksum: 'Registers the checksum of a regular file.',
      checksum_algorithm: 'Algorithm of the checksum; unlike in Ansible, only `sha256`.',
    },
    checkMode:
      'Read as in a real run. Paths that earlier tasks would change are predicted, or unknown if they cannot be predicted.',
    example: `- name: Look at the configuration
  stat:
    path: /etc/nginx/nginx.conf
  register: configuration`,
  }),
  params,
  observes: true,
  reads: (given: StatParams) => ({
    path: path.key({
      path: given.path,
      follow: true,
      times: true,
      ...(given.get_checksum ? { sha256: true } : {}),
    }),
  }),
  diff: () => [],
  apply: () => [],
  result: ({ params: given, state }) => ({ stat: describe(given, state.path) }),
})

function describe({ path: of, follow }: StatParams, state: PathState): Record<string, unknown> {
  const meant = follow ? endOf(state) : state
  if (!meant.exists) return { exists: false }
  const { mode, owner, group, uid, gid, size, mtime, inode, device, links, sha256 } = meant
  return {
    exists: true,
    path: of,
    ...kindsOf(meant),
    ...{ mode, uid, gid, pw_name: owner, gr_name: group, size, mtime, inode, dev: device, nlink: links },
    ...(sha256 === undefined ? {} : { checksum: sha256 }),
    ...(meant.type === 'link' ? { lnk_target: meant.target, lnk_source: endOf(state).real } : {}),
  }
}

function kindsOf({ type }: ExistingPath): Record<string, boolean> {
  return {
    isreg: type === 'file',
    isdir: type === 'directory',
    islnk: type === 'link',
    isfifo: type === 'fifo',
    issock: type === 'socket',
    isblk: type === 'block',
    ischr: type === 'character',
  }
}
