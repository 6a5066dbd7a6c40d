import { basename } from 'node:path/posix'

import { joinScripts, sh, type Script } from '../../target/sh.ts'
import { keepsOthersOut } from './trusted-directory.ts'

/**
 * Runs a script in a directory, in a subshell. The path must be free of symlinks: if a symlink has replaced one of
 * its directories, the script does not run. Afterwards the directory cannot be replaced any more, but its entries can
 * if other users can write to it.
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

/** Changes to $directory, a path without symlinks. Must run in a subshell. */
export const enterDirectory = sh`
  cd -P "$directory" || exit
  if [ "$PWD" != "$directory" ]; then
    printf '%s: a directory in this path has been replaced by a symlink\\n' "$directory" >&2
    exit 1
  fi
`

/**
 * Runs a script in a new private directory inside a directory, in a subshell. Other users cannot replace entries of
 * the private directory, so files get their content, owner and mode there. `mv -fT file ../name` then moves them into
 * place. The private directory is removed with its remaining entries.
 */
export function inPrivateDirectory(directory: string, script: Script): Script {
  return inDirectory(directory, joinScripts([enterPrivateDirectory, script]))
}

/** Returns the path, relative to the private directory, of an entry in the outer directory. */
export function outside(path: string): string {
  return `../${basename(path)}`
}

/**
 * Fails if files in the private directory would inherit a default access list, for which the kernel ignores the umask.
 * Another user who can write to the outer directory may have set it.
 */
const refuseInheritedAccess = sh`
  ${keepsOthersOut}
  inherits_access() {
    (umask 077 && : >closed; umask 0 && : >open)
    case $(stat -c %a closed open) in 600?666) set -- 1 ;; *) set -- 0 ;; esac
    rm -f closed open
    return "$1"
  }
  # shellcheck disable=SC2086 # words: the mode and the owner of the outer directory, the last line
  if ! keeps_others_out \${access##*[!0-9 ]} .. && inherits_access; then
    setfacl -b -k . 2>/dev/null || :
    if inherits_access; then
      printf '%s: another user may have set a default access list on this directory, which new files would inherit\\n' "\${outside:-/}" >&2
      printf 'remove the list with setfacl -k (package acl)\\n' >&2
      exit 1
    fi
  fi
`

/** Creates and enters a private directory. Another user can replace it meanwhile, so it is checked from inside. */
export const enterPrivateDirectory = sh`
  if ! private=$(mktemp -d ./.hostwright-XXXXXX 2>&1); then
    printf '%s: cannot create a directory in it: %s\\n' "$PWD" "\${private##*: }" >&2
    exit 1
  fi
  private=\${private#./} outside=\${PWD%/}
  cd -P "./$private" || exit
  access=$(stat -c '%a %u' . ..)
  mode=\${access%% *}
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
