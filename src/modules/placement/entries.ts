import { basename, dirname } from 'node:path/posix'

import type { PathType } from '../../state/path/value.ts'
import { joinScripts, sh, type Script } from '../../target/sh.ts'
import { enterPrivateDirectory, inDirectory } from './private-directory.ts'
import { trustedDirectory } from './trusted-directory.ts'

/**
 * Runs commands on "$entry", the entry at a path without symlinks in its directories. If other users can replace the
 * entry, it gets a hard link in a private directory for the time, so that all commands change the same file.
 */
export function changeEntry(path: string, type: PathType, commands: readonly Script[]): Script {
  if (type === 'directory') return inDirectory(path, joinScripts([sh`entry=.`, ...commands]))
  const entry = joinScripts([sh`entry=${`./${basename(path)}`}`, ...commands])
  return changeEntries(dirname(path), [basename(path)], entry, type === 'link')
}

/** Runs a script on several files of a directory in the same way. The script finds them as `./name`. */
export function changeEntries(
  directory: string,
  names: readonly string[],
  script: Script,
  areLinks = false,
): Script {
  return inDirectory(
    directory,
    joinScripts([
      trustedDirectory,
      heldFiles,
      sh`
        set -- ${names}
        if ! is_trusted .; then
          ${enterPrivateDirectory}
          hold "$@"
        fi
      `,
      areLinks ? sh`` : demandNoSymlinks,
      script,
    ]),
  )
}

const demandNoSymlinks = sh`
  for name do
    if [ -h "./$name" ]; then
      printf '%s has been replaced by a symlink\\n' "\${directory%/}/$name" >&2
      exit 1
    fi
  done
`

/**
 * Defines `keep_entry PATH NAME`: a hard link keeps the entry at the path, even if another user replaces it
 * meanwhile. Without hard links on the file system, it makes a copy. BusyBox's cp follows a symlink that replaces a
 * file meanwhile, so it only copies if no other user can do that.
 */
export const keepEntry = sh`
  ${trustedDirectory}
  keep_entry() {
    ln "$1" "$2" 2>/dev/null && return
    cp --version >/dev/null 2>&1 || is_trusted .. || {
      printf '%s cannot be copied safely: this file system has no hard links\\n' "$1" >&2
      exit 1
    }
    cp -pRP "$1" "$2"
  }
`

/**
 * Defines `hold NAME…`, for a private directory: it creates hard links to files of the outer directory, and fails if
 * one of these could be another user's hard link to a file elsewhere. A file is safe if it has exactly these two
 * links, or if it belongs to the same user as the directory.
 */
export const heldFiles = sh`
  hold() {
    for name do
      shift
      set -- "$@" "../$name"
    done
    ln "$@" . || exit 1
    seen=$(stat -c '%h %d:%i' "$@") owned=$(stat -c '%u %d:%i' "$@")
    for name do
      shift
      set -- "$@" "./\${name#../}"
    done
    held=$(stat -c '2 %d:%i' "$@")
    [ "$seen" != "$held" ] || return 0
    access=$(stat -c '%u %a' ..)
    case $access in
      *[2367]? | *[2367]) ;;
      *)
        held=$(stat -c "\${access% *} %d:%i" "$@")
        [ "$owned" != "$held" ] || return 0
        ;;
    esac
    printf '%s: another user can have made these hard links to files elsewhere:' "\${PWD%/*}" >&2
    printf ' %s' "$@" >&2
    echo >&2
    exit 1
  }
`
