import { createHash } from 'node:crypto'
import * as z from 'zod'

import { path } from '../state/path.ts'
import type { PathState } from '../state/path/value.ts'
import { attach, joinScripts, quote, sh, type Script } from '../target/sh.ts'
import type { Change } from './definition/change.ts'
import { defineModule, type Step } from './definition/module.ts'
import { absolutePath, booleanParam, integerParam, textParam } from './definition/parameters.ts'

const params = z.strictObject({
  repository: absolutePath,
  revision: z.string().regex(/^[0-9a-f]{40,64}$/, 'expected the full hash of a commit'),
  cache: absolutePath,
  build: z.array(textParam).default([]),
  composer: booleanParam.default(true),
  composer_scripts: booleanParam.default(true),
  environment: z
    .record(z.string().regex(/^[A-Za-z_]\w*$/, 'expected the name of a variable'), textParam)
    .default({}),
  keep: integerParam.refine((keep) => keep > 0, 'must be at least 1').default(10),
})

type DeployArtifactParams = z.infer<typeof params>

export const deployArtifact = defineModule({
  name: 'deploy_artifact',
  summary: 'Builds the artifact of a commit, the archive that a deploy sends to every host.',
  documentation: () => ({
    parameters: {
      repository: 'Absolute path of a git repository that contains the commit.',
      revision: 'Full hash of the commit.',
      cache: 'Absolute path of the directory that keeps the artifacts.',
      build: 'Shell commands to run one after the other in a directory with the files of the commit.',
      composer: 'Runs `composer install` before `build` if the commit has a composer.json.',
      composer_scripts: 'Allows composer to run the scripts and plugins of the commit.',
      environment:
        'Environment variables for composer and `build`, which get only `PATH`, `HOME`, `USER` and a few others from the controller.',
      keep: 'Number of artifacts to keep in the cache.',
    },
    checkMode: 'Decided: the cache is read. The artifact is not built.',
    example: `- name: Build the artifact of the commit
  deploy_artifact:
    repository: /srv/git/shop.git
    revision: 5f92c1d4c0f7a9f9f0a2b9b1a0c3d4e5f6a7b8c9
    cache: /var/cache/shop
    build: [npm ci, npm run build]`,
  }),
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

/** The version of the packing. A new number invalidates all artifacts in the cache. */
const packing = 2

/** Returns the path of the artifact, which depends on the commit and on how it is built. */
function placeOf(given: DeployArtifactParams): string {
  const { cache, revision, build: commands, composer, composer_scripts: scripts, environment } = given
  const recipe = JSON.stringify({ packing, commands, composer, scripts, environment })
  const hash = createHash('sha256').update(recipe).digest('hex').slice(0, 16)
  return `${cache}/${revision}-${hash}.tar.gz`
}

function build(given: DeployArtifactParams): Script {
  const { repository, revision, cache, build: commands, composer, keep } = given
  return sh`
    umask 077
    mkdir -p ${cache}
    cd ${cache} || exit
    work=$(mktemp -d "$PWD/.build-XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 1' HUP INT TERM
    git_archive() { git --git-dir=${repository} -c tar.umask=0022 archive "$@" ${revision}; }
    composer=${composer ? sh`$(git --git-dir=${repository} ls-tree --name-only ${revision} composer.json)` : sh``}
    ${runWith(given.environment)}
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
          echo 'the commit has a composer.json, but composer is not installed on this machine: install it, or set deploy_composer: no' >&2
          exit 1
        fi
        build composer ${composerArguments(given)}
      fi
      ${joinScripts(commands.map((command) => sh`build sh -euc -- ${command}`))}
      cd "$work/source" || exit
      ${makePlain}
      umask 077
      # BusyBox's tar lacks these options; hosts ignore the owners in an archive anyway
      case $(tar --version 2>/dev/null) in
        *GNU*) set -- --owner=0 --group=0 --numeric-owner ;;
        *) set -- ;;
      esac
      tar -czf "$work/artifact" "$@" -C "$work/source" .
    fi
    mv -f "$work/artifact" ${placeOf(given)}
    cd ${cache} || exit
    # shellcheck disable=SC2012 # their names are hashes
    ls -1t -- *.tar.gz | tail -n ${`+${keep + 1}`} | while IFS= read -r old; do rm -f -- "$old"; done
    # directories of builds that were killed
    find . -name '.build-*' -prune -mtime +1 -exec rm -rf -- {} +
  `
}

function composerArguments({ composer_scripts: scripts }: DeployArtifactParams): string[] {
  return [
    ...['install', '--no-dev', '--prefer-dist', '--no-interaction', '--no-progress', '--optimize-autoloader'],
    ...(scripts ? [] : ['--no-plugins', '--no-scripts']),
  ]
}

/**
 * Defines `build COMMAND...`. The commands come from the commit, so they must not see the SSH agent and the tokens of
 * the user who deploys. Values are passed in a file, because every user can read the arguments of a process.
 */
function runWith(environment: Readonly<Record<string, string>>): Script {
  const lines = Object.entries(environment).map(([name, value]) => `export ${name}=${quote(value)}\n`)
  return sh`
    build() {
      # shellcheck disable=SC2016 # another shell expands it
      env -i PATH="$PATH" HOME="\${HOME:-/}" USER="\${USER:-}" LOGNAME="\${LOGNAME:-}" SHELL=/bin/sh LANG=C.UTF-8 TMPDIR="\${TMPDIR:-/tmp}" \\
        sh -c '. "$1"; shift; exec "$@"' sh ${attach('environment', lines.join(''))} "$@"
    }
  `
}

/**
 * Fails if there is anything but files, directories and symlinks. Makes them readable for everyone and writable for
 * their owner only. Copies files with several hard links, because another link may be outside, e.g. in a cache of
 * packages.
 */
const makePlain = sh`
  odd=$(find . ! -type f ! -type d ! -type l | head -n 1)
  if [ -n "$odd" ]; then
    printf 'the build left %s, which is a %s: an artifact can only contain files, directories and symlinks\\n' "\${odd#./}" "$(stat -c %F -- "$odd")" >&2
    echo 'remove it at the end of deploy_build' >&2
    exit 1
  fi
  # shellcheck disable=SC2016 # another shell expands it
  find . -type f -links +1 -exec sh -c '
    for file do
      cp -p -- "$file" "$0/copy" && mv -f -- "$0/copy" "$file" || exit
    done
  ' "$work" {} +
  find . ! -type l -exec chmod u+rwX,go+rX,go-w,a-st {} +
`
