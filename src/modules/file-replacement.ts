import { dirname } from 'node:path/posix'

import { type Attachment, joinScripts, sh, type Script } from '../target/sh.ts'
import { type Candidate, hasPlaceholder, lateValidation, privateViewAllowed } from './candidate.ts'

/** A regular file that takes the place of what is at the path, in one moment. */
export interface FileReplacement {
  readonly path: string
  /** The content, or the path of a file on the host that has it. */
  readonly content: Attachment | string
  /** Four octal digits. */
  readonly mode: string
  /** As chown takes it. */
  readonly owner: string | undefined
  /** A regular file is there now. */
  readonly replaces: boolean
  readonly backup: boolean
  readonly candidate: Candidate | undefined
}

/**
 * The file is written beside its destination, private until it is complete, and then renamed: nobody ever sees half
 * of it, and nothing is left of it when the script fails. What a file has beside content, owner and mode (access lists,
 * extended attributes) is taken over where cp knows how.
 */
export function replaceFile(replacement: FileReplacement): Script {
  const { path, content, mode, owner, replaces, backup, candidate } = replacement
  const directory = dirname(path)
  return joinScripts([
    sh`
        destination=${path}
        temporary=$(mktemp ${`${directory === '/' ? '' : directory}/.hostwright-XXXXXX`})
        trap 'rm -f "$temporary"' EXIT
        trap 'exit 1' HUP INT TERM
      `,
    ...(backup && replaces ? [keepBackup] : []),
    ...(replaces ? [takeOverAttributes] : []),
    sh`cat ${content} >"$temporary"`,
    ...(owner === undefined ? [] : [sh`chown ${owner} "$temporary"`]),
    sh`
        chmod ${`0${mode}`} "$temporary"
        if [ -d "$destination" ]; then
          echo "$destination has become a directory" >&2
          exit 1
        fi
      `,
    ...(candidate === undefined || hasPlaceholder(candidate.command) ? [] : [tryInPlace(candidate)]),
    sh`
        mv -f "$temporary" "$destination"
        trap - EXIT
      `,
  ])
}

/** The path of the backup that such a script made, from its output. */
export function backupOf(stdout: string): string | undefined {
  return /^backup (.*)$/ms.exec(stdout)?.[1]?.replace(/\n$/, '')
}

const keepBackup = sh`
  backup="$destination.$$.$(date +%Y-%m-%d@%H:%M:%S~)"
  cp -p "$destination" "$backup"
  printf 'backup %s\\n' "$backup"
`

const takeOverAttributes = sh`
  cp --attributes-only --preserve=all "$destination" "$temporary" 2>/dev/null || :
  chmod 0600 "$temporary"
`

function tryInPlace(candidate: Candidate): Script {
  return sh`
    if ! ${privateViewAllowed}; then
      # shellcheck disable=SC2317 # the trap calls it
      restore() {
        if [ -e "$temporary.previous" ]; then mv -f "$temporary.previous" "$destination"
        elif [ ! -e "$temporary" ]; then rm -f "$destination"
        fi
        rm -f "$temporary"
      }
      trap restore EXIT
      if [ -e "$destination" ]; then
        ln "$destination" "$temporary.previous" 2>/dev/null || cp -p "$destination" "$temporary.previous"
      fi
      mv -f "$temporary" "$destination"
      ${lateValidation(candidate)}
      trap - EXIT
      rm -f "$temporary.previous"
      exit 0
    fi
  `
}
