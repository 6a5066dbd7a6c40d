import { dirname } from 'node:path/posix'

import type { PathState } from '../../state/path/value.ts'
import { staleReading } from '../../state/swap/stale-reading.ts'
import { swapUnlock } from '../../state/swap/swap-lock.ts'
import { Attachment, joinScripts, sh, type Script } from '../../target/sh.ts'
import { type HostFile, printHostFile } from './bytes.ts'
import { compareEntry, swapEntry } from './comparison.ts'
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
  /** The entry at the path as it was read. If it differs by now, nothing is replaced. */
  readonly seen: PathState
  /** True if the content was made from that of the file. */
  readonly edits: boolean
  readonly backup: boolean
  readonly candidate: Candidate | undefined
}

/**
 * Creates the file in a private directory alongside its destination, and renames it: no reader ever sees a part of
 * it, and a script that fails leaves nothing. The access list and extended attributes of the previous file are kept
 * if cp can copy them.
 */
export function replaceFile(replacement: FileReplacement): Script {
  const { path, content, mode, owner, seen, backup, candidate } = replacement
  const replaces = seen.exists && seen.type === 'file'
  return inPrivateDirectory(
    dirname(path),
    joinScripts([
      sh`path=${path} place=${outside(path)}`,
      replaces ? takeOverAttributes : sh`: >new`,
      ...(owner === undefined ? [] : [sh`chown ${owner} new`]),
      ...(replaces && owner !== undefined ? [dropAccess(owner)] : []),
      content instanceof Attachment ? sh`cat ${content} >new` : copyHostFile(content),
      sh`chmod ${`0${mode}`} new`,
      compareEntry(replacement),
      ...(replaces && backup ? [keepBackup] : []),
      ...(candidate === undefined || hasPlaceholder(candidate.command) ? [] : [tryInPlace(candidate)]),
      swapEntry(replacement),
    ]),
  )
}

/** Returns the path of the backup from the output of such a script. */
export function backupOf(stdout: string): string | undefined {
  return /^backup (.*)$/ms.exec(stdout)?.[1]?.replace(/\n$/, '')
}

function copyHostFile(file: HostFile): Script {
  return sh`
    (
    ${printHostFile(file)}
    ) >new
    if [ "$(sha256sum <new)" != ${`${file.state.sha256 ?? ''}  -`} ]; then
      printf '%s has changed since it was read\\n' ${file.path} >&2
      exit ${staleReading}
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
      ${swapUnlock}
      ${lateValidation(candidate)}
      trap tidy EXIT
      exit 0
    fi
  `
}
