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
import { accountKeys, ownershipParams } from './placement/ownership.ts'

const structure = z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())])

const params = z
  .strictObject({
    src: z.string().optional(),
    /** A list or mapping is written as JSON. */
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
    message: 'with content, dest must name a file',
    path: ['dest'],
  })
  .refine(({ remote_src, src }) => !remote_src || src === undefined || absolutePath.safeParse(src).success, {
    message: 'with remote_src, src must be a path from the root',
    path: ['src'],
  })

type CopyParams = Given<z.infer<typeof params>>

export const copy = defineModule({
  name: 'copy',
  summary: 'Puts a file, or a given content, on the host',
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
  if (state?.exists !== true) throw new TaskFailure(`there is no file ${src} on the host`)
  if (state.type !== 'file') throw new TaskFailure(`${src} on the host is a ${state.type}, not a file`)
  if (state.sha256 === undefined) throw new TaskFailure(`${src} on the host cannot be read`)
  return { path: src, state }
}

function modeOf({ source }: CopyParams, remote: PathState | undefined): string | undefined {
  if (source?.type === 'file') return source.mode
  const state = remote === undefined ? undefined : endOf(remote)
  return state?.exists === true ? state.mode : undefined
}
