import * as z from 'zod'

import { TaskFailure } from '../errors.ts'
import { deployment } from '../state/deployment.ts'
import type { Deployment, Release } from '../state/deployment/value.ts'
import { path } from '../state/path.ts'
import { endOf, type PathState } from '../state/path/value.ts'
import { attach, attachFile, joinScripts, sh, type Script } from '../target/sh.ts'
import type { Change } from './definition/change.ts'
import { defineModule, type Step } from './definition/module.ts'
import { absolutePath, nameParam } from './definition/parameters.ts'
import { configurationDigest } from './deploy/configuration-digest.ts'
import { demandLink } from './deploy/current-link.ts'
import { demandLock, deployParams, journal, noteState, deploySentences } from './deploy/notes.ts'
import { demandPlainFiles } from './deploy/plain-files.ts'
import { releaseId } from './deploy/release-id.ts'
import { demandSecure } from './deploy/secure-root.ts'
import { demandRootAbove, draftOf, makeShared, type MissingDirectory } from './deploy/shared-directory.ts'
import {
  demandNoLinkAbove,
  demandSeparate,
  foldersAbove,
  linkShared,
  sharedPath,
} from './deploy/shared-path.ts'

const params = z
  .strictObject({
    ...deployParams,
    id: releaseId,
    src: absolutePath,
    sha256: z.string().optional(),
    configuration: z.unknown().optional(),
    information: z.record(z.string(), z.unknown()).default({}),
    shared_directories: z.array(sharedPath).default([]),
    shared_files: z.array(sharedPath).default([]),
    shared_owner: nameParam.optional(),
  })
  .superRefine(({ shared_directories: directories, shared_files: files }, context) => {
    demandSeparate([...directories, ...files], context)
  })

type DeployReleaseParams = z.infer<typeof params>

export const deployRelease = defineModule({
  name: 'deploy_release',
  summary: 'Unpacks an artifact as a new release, which visitors do not see yet.',
  documentation: () => ({
    parameters: {
      ...deploySentences,
      id: 'Name of the release, a directory in `releases`.',
      src: 'Absolute path of the artifact on the controller, a .tar.gz file.',
      sha256: 'SHA-256 of the artifact, compared with the file that arrives on the host.',
      configuration:
        'Configuration of the release, of any type; a deploy detects a changed configuration by the digest in release.json.',
      information: 'More entries for release.json, e.g. `reference`, `revision`, `by` and `created`.',
      shared_directories:
        'Directories in `shared` that all releases use; a missing directory is created with the content of this directory in the release.',
      shared_files: 'Files in `shared` that all releases use; they must exist.',
      shared_owner: 'Owner of shared directories that the task creates, `user` or `user:group`.',
    },
    checkMode: 'Decided: the releases and the shared directories and files are read.',
    example: (print) => `- name: Unpack the release
  deploy_release:
    root: /srv/shop
    run: '${print('deploy_run')}'
    id: '${print('deploy_id')}'
    src: '${print('deploy_artifact.path')}'
    sha256: '${print('deploy_artifact.sha256')}'
    shared_directories: [storage, public/uploads]
    shared_owner: shop`,
  }),
  params,
  reads: ({ root, shared_files: files, shared_directories: directories }: DeployReleaseParams) => ({
    deployment: deployment.key({ root }),
    files: files.map((file) => path.key({ path: `${root}/shared/${file}`, follow: true })),
    directories: directories.map((directory) => path.key({ path: `${root}/shared/${directory}` })),
    above: directories
      .map(foldersAbove)
      .flat()
      .map((folder) => path.key({ path: `${root}/shared/${folder}` })),
  }),
  diff(state, given): Change[] {
    const { root, id, shared_files: files, shared_owner: owner } = given
    demandSecure(state.deployment)
    demandLink(state.deployment, root)
    const present = state.deployment.releases.find((release) => release.id === id)
    if (present !== undefined) {
      demandSame(present, given)
      return []
    }
    const { user = 0 } = state.deployment
    for (const directory of missingDirectories(given, state))
      demandRootAbove(directory, { root, owner, user })
    const missing = files.filter((_, index) => {
      const file = state.files[index]
      return file === undefined || !endOf(file).exists
    })
    if (missing.length > 0)
      throw new TaskFailure(
        `missing shared files: ${missing.map((file) => `${root}/shared/${file}`).join(', ')}`,
        {
          hint: 'create them before the first deploy, or with a task before this one',
        },
      )
    return [{ field: 'state', before: 'absent', after: 'ready' }]
  },
  apply: (_changes, given, state): Step[] => [
    {
      script: unpack(given, missingDirectories(given, state)),
      writes: writesOf(given, state.deployment),
      command: `tar -xzof ${given.src} --no-same-permissions -C ${given.root}/releases/${given.id}`,
    },
  ],
  explain({ stderr }, { root }) {
    const full = stderr.split('\n').find((line) => /No space left on device|quota exceeded/i.test(line))
    if (full === undefined) return undefined
    return new TaskFailure(`no space left for the release in ${root}/releases: ${full}`, {
      hint: 'free disk space (see df) or inodes (see df -i), or keep fewer releases with deploy_keep',
    })
  },
  result: ({ params: { root, id } }) => ({ id, path: `${root}/releases/${id}` }),
})

interface SharedState {
  readonly directories: readonly PathState[]
  readonly above: readonly PathState[]
}

function missingDirectories(
  { shared_directories: directories }: DeployReleaseParams,
  state: SharedState,
): MissingDirectory[] {
  let position = 0
  const all = directories.map((directory, index) => {
    const above = foldersAbove(directory).map((folder) => ({
      path: folder,
      state: state.above[position++] ?? { exists: false },
    }))
    return { path: directory, above, exists: state.directories[index]?.exists === true }
  })
  return all.filter(({ exists }) => !exists)
}

/** Fails if the release exists with another commit or configuration. The id may come from another host. */
function demandSame({ id, information: present }: Release, given: DeployReleaseParams): void {
  const wanted = informationOf(given)
  const differing = ['revision', 'configuration'].find((name) => present[name] !== wanted[name])
  if (differing === undefined) return
  throw new TaskFailure(
    `${given.root}/releases/${id} already exists with another ${differing}: ${textOf(present[differing])}, not ${textOf(wanted[differing])}`,
    { hint: 'deploy with --force, which creates a release with a new id' },
  )
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : 'unknown'
}

function informationOf({ information, configuration }: DeployReleaseParams): Record<string, unknown> {
  return { ...information, configuration: configurationDigest(configuration) }
}

function writesOf(given: DeployReleaseParams, before: Deployment): Step['writes'] {
  const { root, id, shared_directories: directories } = given
  const release: Release = { id, state: 'ready', information: informationOf(given) }
  const folder: PathState = { exists: true, type: 'directory', mode: '0755', owner: 'root', group: 'root' }
  return [
    deployment.write({ root }, { ...before, releases: [...before.releases, release] }),
    path.write({ path: `${root}/releases/${id}` }, folder),
    ...directories.map((directory) => path.write({ path: `${root}/shared/${directory}` })),
  ]
}

/** Unpacks under another name, to which no symlink ever points, until the release is complete. */
function unpack(given: DeployReleaseParams, missing: readonly MissingDirectory[]): Script {
  const { root, run, id, src, sha256 } = given
  const information = informationOf(given)
  const artifact = attachFile('artifact', src)
  return sh`
    ${demandLock(root, run)}
    ${sha256 === undefined ? sh`` : verify(sha256)}
    mkdir -p ${`${root}/releases`} ${`${root}/shared`}
    partial=${`${root}/releases/${id}.partial`}
    draft=${draftOf(root)}
    trap 'rm -rf -- "$partial" "$draft"' EXIT
    trap 'exit 1' HUP INT TERM
    rm -rf -- "$partial"
    # private until all files are known to be plain
    mkdir -m 0700 -- "$partial"
    mkdir -- "$partial/release"
    cd "$partial/release" || exit
    tar -xzof ${artifact} --no-same-permissions
    ${demandPlainFiles}
    chmod 0755 .
    # the artifact may contain a symlink with this name
    rm -rf release.json
    cat ${attach('information', `${JSON.stringify(information, null, 2)}\n`)} >release.json
    ${joinScripts([...given.shared_directories, ...given.shared_files].map(demandNoLinkAbove))}
    ${joinScripts(missing.map((directory) => makeShared(directory.path, root, given.shared_owner)))}
    ${joinScripts([...given.shared_directories, ...given.shared_files].map(linkShared))}
    cd ${`${root}/releases`} || exit
    ${noteState(root, id, 'ready')}
    mv -T -- "$partial/release" ${id}
    ${journal(root, { ...information, event: 'ready', release: id, run })}
  `
}

function verify(sha256: string): Script {
  return sh`
    arrived=$(sha256sum <"$FILES/artifact")
    if [ "\${arrived%% *}" != ${sha256} ]; then
      echo "the artifact was corrupted on its way to the host: its SHA-256 is \${arrived%% *}, not "${sha256} >&2
      exit 1
    fi
  `
}
