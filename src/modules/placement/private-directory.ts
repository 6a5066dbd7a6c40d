import { basename } from 'node:path/posix'

import { joinScripts, sh, type Script } from '../../target/sh.ts'
import { trustedDirectory } from './trusted-directory.ts'

/**
 * Runs a script in a directory, in a subshell. The path is the one without symlinks: when a symlink has taken the place
 * of any directory on the way, the script does not run. After that the directory cannot be exchanged any more, but
 * names in it can, where other users may write to it.
 */
export function inDirectory(directory: string, script: Script): Script {
  return sh`
    (
    directory=${directory}
    ${enterDirectory}
    ${script}
    )
  `
}

/** In a subshell: goes to $directory, which is a path without symlinks. */
export const enterDirectory = sh`
  cd -P "$directory" || exit
  if [ "$PWD" != "$directory" ]; then
    printf '%s: a directory in this path has been replaced by a symlink\\n' "$directory" >&2
    exit 1
  fi
`

/**
 * Runs a script in a new, private directory inside a directory, in a subshell. Other users can exchange none of the names
 * in the private directory, so files get their content, owner and mode there. `mv -fT file ../name` then puts them into
 * place. What is left in the private directory is removed with it.
 */
export function inPrivateDirectory(directory: string, script: Script): Script {
  return inDirectory(directory, joinScripts([enterPrivateDirectory, script]))
}

/** The name of a path in the directory that the private directory is in. */
export function outside(path: string): string {
  return `../${basename(path)}`
}

/**
 * In a private directory: another user who can write to the directory outside may have given it a default access list, which
 * everything that is made here would inherit. The kernel ignores the umask then.
 */
const refuseInheritedAccess = sh`
  ${trustedDirectory}
  inherits_access() {
    (umask 077 && : >closed; umask 0 && : >open)
    case $(stat -c %a closed open) in 600?666) set -- 1 ;; *) set -- 0 ;; esac
    rm -f closed open
    return "$1"
  }
  if ! is_trusted .. && inherits_access; then
    setfacl -b -k . 2>/dev/null || :
    if inherits_access; then
      printf '%s: another user can have given this directory a default access list, and new files would inherit it\\n' "\${outside:-/}" >&2
      printf 'remove the list with setfacl -k, from the package acl\\n' >&2
      exit 1
    fi
  fi
`

/** In the directory that was entered. Another user can exchange the new directory before we are in it, so it is examined from inside. */
export const enterPrivateDirectory = sh`
  if ! private=$(mktemp -d ./.hostwright-XXXXXX 2>&1); then
    printf '%s: cannot create a directory in it: %s\\n' "$PWD" "\${private##*: }" >&2
    exit 1
  fi
  private=\${private#./} outside=\${PWD%/}
  cd -P "./$private" || exit
  mode=$(stat -c %a .)
  if [ "$PWD" != "$outside/$private" ] || [ ! -O . ] || { [ "$mode" != 700 ] && [ "$mode" != 2700 ]; }; then
    printf '%s: another user has replaced the private directory %s\\n' "\${outside:-/}" "$private" >&2
    exit 1
  fi
  for entry in * .[!.]* ..?*; do
    if [ -e "$entry" ] || [ -h "$entry" ]; then
      printf '%s: the private directory %s is not empty\\n' "\${outside:-/}" "$private" >&2
      exit 1
    fi
  done
  # shellcheck disable=SC2317 # the trap calls it
  tidy() {
    for entry in ./* ./.[!.]* ./..?*; do
      if [ -e "$entry" ] || [ -h "$entry" ]; then rm -rf "$entry"; fi
    done
    rmdir "../$private" 2>/dev/null || :
  }
  trap tidy EXIT
  trap 'exit 1' HUP INT TERM
  ${refuseInheritedAccess}
`
