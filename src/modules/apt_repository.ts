import * as z from 'zod'

import { aptSources, type AptSources } from '../state/apt-sources.ts'
import type { Write } from '../state/definition/write.ts'
import { packageLists, type PackageListsValue } from '../state/package-lists.ts'
import { path } from '../state/path.ts'
import { demandAsRead, swapLock, swapUnlock } from '../state/swap/swap-lock.ts'
import { attach, joinScripts, sh, type Script } from '../target/sh.ts'
import { aptPrelude } from './apt/script.ts'
import { editedFiles, fileFor, isListed, isStanza } from './apt/sources-text.ts'
import type { Change } from './definition/change.ts'
import { isSymbolic } from './definition/mode.ts'
import { defineModule, when } from './definition/module.ts'
import { sha256 } from './placement/bytes.ts'
import { booleanParam, integerParam, modeParam, nameParam } from './definition/parameters.ts'
import { demandNothingLost } from './text/lost-bytes.ts'

const params = z
  .strictObject({
    repo: nameParam.transform((text) => text.trim()),
    state: z.enum(['present', 'absent']).default('present'),
    filename: nameParam
      .refine(
        (name) => /^[\w.-]+$/.test(name),
        'use letters, digits, _ . and - only: apt ignores other names',
      )
      .transform((name) => name.replace(/\.(list|sources)$/, ''))
      .optional(),
    mode: modeParam.refine((mode) => !isSymbolic(mode), 'expected four octal digits').default('0644'),
    update_cache: booleanParam.default(true),
    lock_timeout: integerParam.default(60),
  })
  .superRefine(({ repo, filename }, context) => {
    const problem = problemOf(repo, filename)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })

const listsField = 'package lists'

export const aptRepository = defineModule({
  name: 'apt_repository',
  summary: 'Adds or removes an apt repository, and fetches the package lists.',
  documentation: () => ({
    parameters: {
      repo: 'One line in the format of sources.list, or the fields of a deb822 source (`Types`, `URIs`, `Suites`, ...) on several lines; unlike in Ansible, not `ppa:`.',
      state: '`present` adds the repository, `absent` removes it from every file that lists it.',
      filename:
        'Name of the file in /etc/apt/sources.list.d, derived from the repository by default; required for a deb822 source.',
      mode: 'Permissions of a file that the task writes, as four octal digits.',
      update_cache: 'Fetches the package lists after a change; if this fails, the change is rolled back.',
      lock_timeout: 'Seconds to wait for another process that holds the lock of apt.',
    },
    checkMode: 'Decided: all source files of apt are read. The package lists are not fetched.',
    example: `- name: Add the backports of Debian 12
  apt_repository:
    repo: deb http://deb.debian.org/debian bookworm-backports main
    filename: backports`,
  }),
  params,
  reads: ({ update_cache }) => ({
    sources: aptSources.key({}),
    lists: when(update_cache, () => packageLists.key({})),
  }),
  diff({ sources, lists }, { repo, state, filename }): Change[] {
    const listed = isListed(sources, repo, filename)
    if (listed === (state === 'present')) return listed ? listsChange(lists) : []
    const edits = editedFiles(sources, repo, fileFor(repo, filename), state)
    for (const [file, lines = []] of Object.entries(edits)) demandNothingLost(file, lines)
    const change = { before: listed ? repo : undefined, after: listed ? undefined : repo }
    return [{ field: 'repository', ...change }]
  },
  apply(changes, wanted, { sources, lists }) {
    const edits = changes.some(({ field }) => field === 'repository')
      ? editedFiles(sources, wanted.repo, fileFor(wanted.repo, wanted.filename), wanted.state)
      : {}
    const updates = lists !== undefined
    return [
      {
        swaps: true,
        script: joinScripts([
          ...Object.entries(edits).map(([file, lines], index) =>
            replace({ file, before: sources[file], after: lines, mode: wanted.mode, index }),
          ),
          ...(Object.keys(edits).length === 0 ? [] : [swapUnlock]),
          ...(updates
            ? [aptPrelude({ lockTimeout: wanted.lock_timeout, dpkgOptions: [], names: [] }), sh`update_lists`]
            : []),
          ...(Object.keys(edits).length === 0 ? [] : [sh`succeeded=yes`]),
        ]),
        ...(updates ? { command: 'apt-get update' } : {}),
        writes: writesOf(sources, edits, updates),
      },
    ]
  },
  result: ({ params: { repo, state } }) => ({ repo, state }),
})

/** Returns a change if the lists are outdated: an earlier run may have been interrupted before it fetched them. */
function listsChange(lists: PackageListsValue | undefined): Change[] {
  return lists?.outdated === true
    ? [{ field: listsField, before: 'older than the sources', after: 'fetched' }]
    : []
}

function problemOf(repo: string, filename: string | undefined): string | undefined {
  if (repo.startsWith('ppa:')) return 'invalid repository: write a PPA as its deb line'
  if (isStanza(repo))
    return filename === undefined ? 'a repository of several lines needs filename' : undefined
  if (repo.includes('\n'))
    return 'invalid repository: write one line that begins with deb, or the fields Types, URIs and Suites'
  return /^deb(-src)?\s+(\[[^\]]*\]\s+)?[^\s:[]+:\S+\s+\S/.test(repo)
    ? undefined
    : `invalid repository '${repo}': expected a line like deb https://example.org/debian bookworm main`
}

interface SourceReplacement {
  readonly file: string
  /** The lines as they were read; undefined if there was no file. */
  readonly before: readonly string[] | undefined
  /** The new lines; undefined if the file is removed. */
  readonly after: readonly string[] | undefined
  readonly mode: string
  readonly index: number
}

/** Replaces a file that is as it was read, and restores the old one if the script fails later. */
function replace({ file, before, after, mode, index }: SourceReplacement): Script {
  const content = after === undefined ? undefined : attach(`source-${index}`, textOf(after))
  return joinScripts([
    index > 0
      ? sh``
      : sh`
        succeeded=no
        # not in sources.list.d, whose time must not be newer than the lists
        saved() { printf '/etc/apt/.%s.old' "$(printf %s "\${1#/etc/apt/}" | tr / -)"; }
        undo() {
          [ "$succeeded" = no ] || action=forget
          for file in $changed; do
            old=$(saved "$file")
            if [ "$action" = forget ]; then rm -f "$old"
            elif [ -e "$old" ]; then mv -f "$old" "$file"
            else rm -f "$file"
            fi
          done
        }
        action=restore changed=
        trap undo 0
        trap 'exit 1' 1 2 15
        ${swapLock}
        ${demandAsRead}
        digest() {
          if [ ! -e "$1" ]; then echo absent
          else
            {
              cat "$1"
              # the last line may have no end
              [ -z "$(tail -c 1 "$1")" ] || echo
            } | sha256sum
          fi
        }
        path=${file}
        swap_lock
      `,
    sh`
      file=${file} path=${file}
      demand_as_read [ "$(digest "$file")" = ${before === undefined ? 'absent' : `${sha256(Buffer.from(textOf(before)))}  -`} ]
      old=$(saved "$file") new=\${file%/*}/.\${file##*/}.new
      rm -f "$old" "$new"
      if [ -e "$file" ]; then cp -pP "$file" "$old" || exit; fi
      changed="$changed $file"
    `,
    content === undefined
      ? sh`rm -f "$file" || exit`
      : sh`cat <${content} >"$new" && chmod ${mode} "$new" && mv -f "$new" "$file" || exit`,
  ])
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}

function writesOf(
  sources: AptSources,
  edits: Record<string, readonly string[] | undefined>,
  updates: boolean,
): Write[] {
  const after = Object.fromEntries(
    Object.entries({ ...sources, ...edits }).flatMap(([file, lines]) =>
      lines === undefined ? [] : [[file, lines]],
    ),
  )
  return [
    aptSources.write({}, after),
    ...Object.keys(edits).map((file) => path.write({ path: file })),
    ...(updates ? [packageLists.write({}, { age: 0 })] : []),
  ]
}
