import { dirname, resolve } from 'node:path/posix'
import * as z from 'zod'

import { emptiness } from '../state/directory-empty.ts'
import { tree } from '../state/directory-types.ts'
import { path } from '../state/path.ts'
import { endOf } from '../state/path/value.ts'
import { aliasOf } from './definition/documentation.ts'
import { defineModule, type Given, when } from './definition/module.ts'
import { absolutePath, booleanParam } from './definition/parameters.ts'
import { absence } from './file/absence.ts'
import { existing, touched } from './file/attributes.ts'
import { directoryForm } from './file/directory.ts'
import { hardLink, symbolicLink } from './file/link.ts'
import type { FileForm, FileParams } from './file/state.ts'
import { accountKeys, ownershipParams, ownershipSentences } from './placement/ownership.ts'

const time = z.enum(['preserve', 'now']).default('now')

const params = z
  .strictObject({
    path: absolutePath.optional(),
    dest: absolutePath.optional(),
    name: absolutePath.optional(),
    state: z.enum(['file', 'directory', 'link', 'hard', 'touch', 'absent']).optional(),
    src: z.string().min(1).optional(),
    ...ownershipParams,
    recurse: booleanParam.default(false),
    force: booleanParam.default(false),
    follow: booleanParam.default(true),
    access_time: time,
    modification_time: time,
  })
  .transform(({ path, dest, name, ...rest }, context): FileParams => {
    const paths = [path, dest, name].filter((one) => one !== undefined)
    const problem = problemOf({ ...rest, path: paths[0] ?? '' }, paths.length)
    if (problem !== undefined) context.addIssue({ code: 'custom', ...problem })
    return { ...rest, path: paths[0] ?? '' }
  })

function problemOf(given: FileParams, paths: number): { message: string; path?: string[] } | undefined {
  const { state, src, recurse, mode, follow, path } = given
  const links = state === 'link' || state === 'hard'
  if (paths !== 1) return { message: 'needs exactly one of path, dest and name' }
  if (src !== undefined && !links) return { message: 'needs state: link or state: hard', path: ['src'] }
  if (src === undefined && state === 'hard') return { message: 'state: hard needs a src' }
  if (state === 'hard' && src?.startsWith('/') === false)
    return { message: 'must be an absolute path for a hard link', path: ['src'] }
  if (recurse && state !== 'directory') return { message: 'needs state: directory', path: ['recurse'] }
  if (mode !== undefined && (state === 'link' || (!follow && state !== 'directory')))
    return { message: 'cannot be set for a symlink', path: ['mode'] }
  if (state === 'absent' && path === '/') return { message: 'the root directory cannot be removed' }
  return undefined
}

export const file = defineModule({
  name: 'file',
  summary: 'Creates or removes files, directories and links, and sets their owner, group and permissions.',
  documentation: () => ({
    parameters: {
      path: 'Absolute path to manage.',
      dest: aliasOf('path'),
      name: aliasOf('path'),
      state:
        '`directory` creates a directory and its missing parents, all with this owner, group and mode, `touch` an empty file, `link` a symlink, `hard` a hard link; `absent` removes recursively; `file`, or no state, creates nothing and only changes owner, group and mode.',
      src: 'Target of the link: an absolute path, or for a symlink also a path relative to its directory.',
      ...ownershipSentences,
      recurse: 'Also sets owner, group and mode of everything in the directory; needs `state: directory`.',
      force:
        'Replaces a file or an empty directory by a link, and creates a symlink even if its target does not exist.',
      follow:
        'If `path` is a symlink, changes its target instead of the symlink itself; has no effect with `link`, `hard` and `absent`.',
      access_time:
        'With `state: touch`, `now` sets the access time in every run, and `preserve` keeps that of an existing file; without effect on other states.',
      modification_time:
        'With `state: touch`, `now` sets the modification time in every run, and `preserve` keeps that of an existing file; without effect on other states.',
    },
    required: ['path'],
    checkMode: 'Decided: the path is read.',
    example: `- name: Create the directory for uploads
  file:
    path: /srv/shop/uploads
    state: directory
    owner: www-data
    group: www-data
    mode: '0750'

- name: Enable the site
  file:
    src: ../sites-available/shop.conf
    path: /etc/nginx/sites-enabled/shop.conf
    state: link`,
  }),
  params,
  reads: (given: Given<FileParams>) => ({
    path: path.key({ path: given.path, follow: followsLink(given) }),
    source: when(given.src, () => path.key({ path: sourcePath(given), follow: true })),
    parents: parentPaths(given).map((parent) => path.key({ path: parent, follow: true })),
    tree: when(given.recurse, () => tree.key({ path: given.path })),
    inside: when(replacesDirectories(given), () => emptiness.key({ path: given.path })),
    ...accountKeys(given),
  }),
  diff: (state, given) => formOf(given).diff(state, given),
  apply: (changes, given, state) => formOf(given).apply(changes, given, state),
  result({ params: { path, src, follow }, state }) {
    const now = follow ? endOf(state.path) : state.path
    if (!now.exists) return { path, dest: path, state: 'absent' }
    const { owner, group, mode, uid, gid, size } = now
    return {
      path,
      dest: path,
      ...(src === undefined ? {} : { src }),
      state: now.type,
      owner,
      group,
      mode,
      uid,
      gid,
      size,
    }
  },
})

function formOf({ state }: FileParams): FileForm {
  switch (state) {
    case 'directory':
      return directoryForm
    case 'link':
      return symbolicLink
    case 'hard':
      return hardLink
    case 'touch':
      return touched
    case 'absent':
      return absence
    case 'file':
    case undefined:
      return existing
  }
}

/** Returns true if a symlink at the path is followed. A task that creates or removes links works on the link itself. */
function followsLink({ state, follow }: FileParams): boolean {
  return follow && state !== 'link' && state !== 'hard' && state !== 'absent'
}

function replacesDirectories({ state, force }: FileParams): boolean {
  return force && (state === 'link' || state === 'hard')
}

function sourcePath({ src = '', path }: FileParams): string {
  return resolve(dirname(path), src)
}

/** Returns the directories that must exist, or that are created together with the directory. */
function parentPaths({ state, path }: FileParams): string[] {
  if (state === 'directory') return ancestors(path)
  return state === 'link' || state === 'hard' || state === 'touch' ? [dirname(path)] : []
}

function ancestors(path: string): string[] {
  const parent = dirname(path)
  return parent === '/' ? [] : [...ancestors(parent), parent]
}
