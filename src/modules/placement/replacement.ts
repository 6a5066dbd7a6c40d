import { dirname } from 'node:path/posix'

import { Attachment, joinScripts, sh, type Script } from '../../target/sh.ts'
import { type HostFile, printHostFile } from './bytes.ts'
import { keepEntry } from './entries.ts'
import { inPrivateDirectory, outside } from './private-directory.ts'
import { trustedDirectory } from './trusted-directory.ts'
import { type Candidate, hasPlaceholder, lateValidation, privateViewAllowed } from './validation.ts'

/** A regular file that replaces the entry at a path with one rename. */
export interface FileReplacement {
  /** A path without symlinks in its directories. */
  readonly path: string
  readonly content: Attachment | HostFile
  /** Four octal digits. */
  readonly mode: string
  /** The argument of chown. */
  readonly owner: string | undefined
  /** True if a regular file exists at the path. */
  readonly replaces: boolean
  /** The hash of the file from which the content was made. */
  readonly edits: string | undefined
  readonly backup: boolean
  readonly candidate: Candidate | undefined
}

/**
 * Creates the file in a private directory alongside its destination, and renames it: no reader ever sees a part of
 * it, and a script that fails leaves nothing. The access list and extended attributes of the previous file are kept
 * if cp can copy them.
 */
export function replaceFile(replacement: FileReplacement): Script {
  const { path, content, mode, owner, replaces, edits, backup, candidate } = replacement
  return inPrivateDirectory(
    dirname(path),
    joinScripts([
      sh`path=${path} place=${outside(path)}`,
      ...(replaces && (backup || edits !== undefined) ? [holdPrevious] : []),
      ...(replaces && edits !== undefined ? [demandUnchanged(edits)] : []),
      ...(replaces && backup ? [keepBackup] : []),
      replaces ? takeOverAttributes : sh`: >new`,
      ...(owner === undefined ? [] : [sh`chown ${owner} new`]),
      ...(replaces && owner !== undefined ? [dropAccess(owner)] : []),
      content instanceof Attachment ? sh`cat ${content} >new` : copyHostFile(content),
      sh`
        chmod ${`0${mode}`} new
        if [ -d "$place" ] && [ ! -h "$place" ]; then
          echo "$path has become a directory" >&2
          exit 1
        fi
      `,
      ...(candidate === undefined || hasPlaceholder(candidate.command) ? [] : [tryInPlace(candidate)]),
      sh`mv -fT new "$place"`,
    ]),
  )
}

/** Returns the path of the backup from the output of such a script. */
export function backupOf(stdout: string): string | undefined {
  return /^backup (.*)$/ms.exec(stdout)?.[1]?.replace(/\n$/, '')
}

const holdPrevious = sh`
  ${keepEntry}
  keep_entry "$place" previous
  if [ -h previous ] || [ ! -f previous ]; then
    printf '%s is not a regular file any more\\n' "$path" >&2
    exit 1
  fi
`

/** Fails if the file has changed since it was read, or if another user can have hard-linked it (see `hold`). */
function demandUnchanged(hash: string): Script {
  return sh`
    ${trustedDirectory}
    if [ "$(stat -c %h previous)" != 1 ] && [ "$(stat -c '%h %d:%i' "$place")" != "$(stat -c '2 %d:%i' previous)" ] &&
      ! is_trusted .. && [ "$(stat -c %u previous)" != "$(stat -c %u ..)" ]; then
      printf '%s has several hard links, and another user can have made them\\n' "$path" >&2
      exit 1
    fi
    if [ "$(sha256sum <previous)" != ${`${hash}  -`} ]; then
      printf '%s has changed since it was read\\n' "$path" >&2
      exit 1
    fi
  `
}

function copyHostFile(file: HostFile): Script {
  return sh`
    (
    ${printHostFile(file)}
    ) >new
    if [ "$(sha256sum <new)" != ${`${file.state.sha256 ?? ''}  -`} ]; then
      printf '%s has changed since it was read\\n' ${file.path} >&2
      exit 1
    fi
  `
}

const keepBackup = sh`
  cp -p previous backup
  backup=$(date +%Y-%m-%d@%H:%M:%S~)
  mv -fT backup "$place.$$.$backup"
  printf 'backup %s\\n' "$path.$$.$backup"
`

/** Copies attributes. Sets $holder to the user who can have set the access list: as root, cp copies the owner, too. */
const takeOverAttributes = sh`
  ${trustedDirectory}
  : >new
  holder=$(id -u)
  if [ "$holder" = 0 ]; then
    cp -RP --attributes-only --preserve=all "$place" new 2>/dev/null || :
    holder=$(stat -c %u new)
  elif is_trusted ..; then
    cp -RP --attributes-only --preserve=all "$place" new 2>/dev/null || :
    holder=$(stat -c %u "$place")
  fi
  # some versions of cp replace the new file if the path is no regular file any more
  if [ -h new ] || [ ! -f new ]; then
    rm -f new
    : >new
  fi
  chmod 0600 new
`

/** Drops the access list of another user who loses the ownership of the file. */
function dropAccess(owner: string): Script {
  return sh`
    case $holder in
      0 | "$(id -u)" | "$(stat -c %u new)") ;;
      *)
        rm -f new
        (umask 077 && : >new)
        chown ${owner} new
        ;;
    esac
  `
}

function tryInPlace(candidate: Candidate): Script {
  return sh`
    if ! ${privateViewAllowed}; then
      ${keepEntry}
      # shellcheck disable=SC2317 # the trap calls it
      restore() {
        if [ -e before ]; then mv -fT before "$place"
        elif [ ! -e new ]; then rm -f "$place"
        fi
        tidy
      }
      trap restore EXIT
      if [ -e "$place" ]; then keep_entry "$place" before; fi
      mv -fT new "$place"
      ${lateValidation(candidate)}
      trap tidy EXIT
      exit 0
    fi
  `
}
