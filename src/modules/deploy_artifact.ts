import { createHash } from 'node:crypto'

import * as z from 'zod'

import { path, type PathState } from '../state/path.ts'
import { joinScripts, sh, type Script } from '../target/sh.ts'
import { defineModule, type Change, type Step } from './module.ts'
import { absolutePath, integerParam, textParam } from './parameters.ts'

const params = z.strictObject({
  /** A git repository on this machine that has the commit. */
  repository: absolutePath,
  revision: z.string().regex(/^[0-9a-f]{40,64}$/, 'expected the full hash of a commit'),
  /** The folder where artifacts are kept. */
  cache: absolutePath,
  /** Commands that a shell runs one after the other in the unpacked commit. */
  build: z.array(textParam).default([]),
  /** How many artifacts stay in the cache. */
  keep: integerParam.refine((keep) => keep > 0, 'must be at least 1').default(10),
})

type DeployArtifactParams = z.infer<typeof params>

export const deployArtifact = defineModule({
  name: 'deploy_artifact',
  summary: 'Makes the archive of a commit, with what its build adds, that is then sent to every host.',
  params,
  reads: (given: DeployArtifactParams) => ({ artifact: path.key({ path: placeOf(given), sha256: true }) }),
  diff: ({ artifact }): Change[] =>
    artifact.exists ? [] : [{ field: 'state', before: 'absent', after: 'built' }],
  apply: (_changes, given): Step[] => {
    const value: PathState = { exists: true, type: 'file', mode: '0600' }
    return [{ script: build(given), writes: [path.write({ path: placeOf(given) }, value)] }]
  },
  result({ params: given, state: { artifact } }) {
    const { sha256, size } = artifact.exists ? artifact : {}
    return { path: placeOf(given), sha256, size }
  },
})

/** Other build commands make another artifact of the same commit. */
function placeOf({ cache, revision, build: commands }: DeployArtifactParams): string {
  const recipe = createHash('sha256').update(JSON.stringify(commands)).digest('hex').slice(0, 8)
  return `${cache}/${revision}-${recipe}.tar.gz`
}

function build(given: DeployArtifactParams): Script {
  const { repository, revision, cache, build: commands, keep } = given
  return sh`
    umask 077
    mkdir -p ${cache}
    cd ${cache} || exit
    work=$(mktemp -d "$PWD/.build-XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 1' HUP INT TERM
    git_archive() { git --git-dir=${repository} archive "$@" ${revision}; }
    composer=$(git --git-dir=${repository} ls-tree --name-only ${revision} composer.json)
    commands=${commands.length}
    if [ -z "$composer" ] && [ "$commands" = 0 ]; then
      git_archive --format=tar.gz --output="$work/artifact"
    else
      umask 022
      mkdir "$work/source"
      git_archive --format=tar --output="$work/source.tar"
      tar -xf "$work/source.tar" -C "$work/source"
      cd "$work/source" || exit
      if [ -n "$composer" ]; then
        if ! command -v composer >/dev/null; then
          echo 'the commit has a composer.json, but composer is not installed on this machine' >&2
          exit 1
        fi
        composer install --no-dev --prefer-dist --no-interaction --no-progress --optimize-autoloader
      fi
      ${joinScripts(commands.map((command) => sh`sh -euc -- ${command}`))}
      umask 077
      tar -czf "$work/artifact" -C "$work/source" .
    fi
    mv -f "$work/artifact" ${placeOf(given)}
    cd ${cache} || exit
    # shellcheck disable=SC2012 # their names are hashes
    ls -1t -- *.tar.gz | tail -n ${`+${keep + 1}`} | while IFS= read -r old; do rm -f -- "$old"; done
    # of builds that were killed
    find . -name '.build-*' -prune -mtime +1 -exec rm -rf -- {} +
  `
}
