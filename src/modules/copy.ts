import { basename } from 'node:path/posix'
import * as z from 'zod'

import { TaskFailure } from '../errors.ts'
import { path } from '../state/path.ts'
import { endOf, type PathState } from '../state/path/value.ts'
import { defineModule, type Given, when } from './definition/module.ts'
import {
  absolutePath,
  booleanParam,
  destinationPath,
  modeOrPreserveParam,
  modeParam,
  textParam,
} from './definition/parameters.ts'
import { directorySteps } from './file/copied-directory-step.ts'
import {
  type CopiedDirectory,
  directoryChanges,
  listingKey,
  rootOf,
  withRoot,
} from './file/copied-directory.ts'
import { type Destination, destinationKeys } from './file/destination.ts'
import { placedFile, placeFile, placeFileChanges, type PlacedFile } from './file/placed-file.ts'
import type { Content } from './placement/bytes.ts'
import { accountKeys, ownershipParams, ownershipSentences } from './placement/ownership.ts'

const structure = z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())])

const params = z
  .strictObject({
    src: z.string().optional(),
    content: z.union([textParam, structure.transform((value) => JSON.stringify(value))]).optional(),
    dest: destinationPath,
    ...ownershipParams,
    mode: modeOrPreserveParam.optional(),
    directory_mode: modeParam.optional(),
    force: booleanParam.default(true),
    follow: booleanParam.default(false),
    backup: booleanParam.default(false),
    remote_src: booleanParam.default(false),
    validate: z.string().optional(),
  })
  .refine(
    ({ src, content }) => (src === undefined) !== (content === undefined),
    'needs either src or content',
  )
  .refine(({ mode, src }) => mode !== 'preserve' || src !== undefined, 'mode: preserve needs a src')
  .refine(({ content, dest }) => content === undefined || !dest.endsWith('/'), {
    message: "must name a file if 'content' is given",
    path: ['dest'],
  })
  .refine(({ remote_src, src }) => !remote_src || src === undefined || absolutePath.safeParse(src).success, {
    message: "must be an absolute path if 'remote_src' is true",
    path: ['src'],
  })

type CopyParams = Given<z.infer<typeof params>>

export const copy = defineModule({
  name: 'copy',
  summary: 'Copies a file, a directory or a string to the host.',
  documentation: () => ({
    parameters: {
      src: 'File or directory on the controller, searched for in `files/` and then alongside the playbook; with a trailing slash only the content of the directory is copied.',
      content: 'Content of the file, instead of `src`; a list or mapping is written as JSON.',
      dest: 'Absolute path on the host; if it ends with a slash or is a directory, the file keeps its name and goes into it.',
      ...ownershipSentences,
      mode: 'Permissions of the files, e.g. `0644` or `u=rw,go=r`, or `preserve` for those of `src`; by default new files get 0644 and existing files keep theirs.',
      directory_mode: 'Permissions of directories that the task creates.',
      force: 'Replaces files whose content differs; `false` only creates missing files.',
      follow: 'If `dest` is a symlink, writes to its target instead of replacing the symlink.',
      backup: 'Keeps the previous version of the file alongside it, with the time in its name.',
      remote_src: 'Takes `src` from the host instead of the controller; unlike in Ansible, only files.',
      validate:
        'Command that must succeed before the file is put in place; `%s` is the path of the new file, and without `%s` the command sees it at `dest`.',
    },
    checkMode: 'Decided: contents are compared by SHA-256, and the diff is exact. `validate` runs.',
    example: (print) => `- name: Write the motto of the host
  copy:
    content: "Welcome to ${print('inventory_hostname')}\\n"
    dest: /etc/motd
    owner: root
    mode: '0644'`,
  }),
  params,
  source: 'file',
  reads: (given: CopyParams) => ({
    ...destinationKeys(destinationOf(given)),
    listing: listingKey(directoryOf(given)),
    ...accountKeys(given),
    remote: when(given.remote_src, () => path.key({ path: given.src ?? '', follow: true, sha256: true })),
  }),
  diff(state, given) {
    const directory = directoryOf(given)
    if (directory !== undefined) return directoryChanges(directory, state)
    return placeFileChanges(destinationOf(given), wantedOf(given, state.remote), state)
  },
  apply(changes, given, state) {
    const directory = directoryOf(given)
    if (directory !== undefined) return directorySteps(directory, state)
    return placeFile(changes, destinationOf(given), wantedOf(given, state.remote), state)
  },
  result({ params: given, state, outputs }) {
    const directory = directoryOf(given)
    if (directory !== undefined) return { dest: directory.root, state: 'directory' }
    return placedFile(destinationOf(given), state, outputs)
  },
})

function directoryOf(given: CopyParams): CopiedDirectory | undefined {
  const { source, src = '', dest, owner, group, mode, directory_mode: directoryMode, force } = given
  if (source?.type !== 'directory') return undefined
  return { root: rootOf(dest, src), entries: withRoot(source), owner, group, mode, directoryMode, force }
}

function destinationOf({ dest, follow, src, source, content }: CopyParams): Destination {
  const bytes =
    source?.type === 'file' ? source.content : content === undefined ? undefined : Buffer.from(content)
  return { dest, follow, name: src === undefined ? undefined : basename(src), content: bytes }
}

function wantedOf(given: CopyParams, remote: PathState | undefined): PlacedFile {
  const { owner, group, mode, backup, validate, force, directory_mode: directoryMode } = given
  return {
    owner,
    group,
    mode: mode === 'preserve' ? modeOf(given, remote) : mode,
    backup,
    validate,
    force,
    directoryMode,
    content: contentOf(given, remote),
  }
}

function contentOf({ source, content, src = '' }: CopyParams, remote: PathState | undefined): Content {
  if (content !== undefined) return Buffer.from(content)
  if (source?.type === 'file') return source.content
  const state = remote === undefined ? undefined : endOf(remote)
  if (state?.exists !== true) throw new TaskFailure(`file ${src} does not exist on the host`)
  if (state.type !== 'file') throw new TaskFailure(`${src} on the host is a ${state.type}, not a file`)
  if (state.sha256 === undefined) throw new TaskFailure(`${src} on the host cannot be read`)
  return { path: src, state }
}

function modeOf({ source }: CopyParams, remote: PathState | undefined): string | undefined {
  if (source?.type === 'file') return source.mode
  const state = remote === undefined ? undefined : endOf(remote)
  return state?.exists === true ? state.mode : undefined
}
