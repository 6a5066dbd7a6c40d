import { joinScripts, sh, type Script } from '../target/sh.ts'

/**
 * Runs a script in a directory, in a subshell. The path is the one without symlinks: when a symlink has taken the place
 * of any directory on the way, the script does not run. After that the directory cannot be exchanged any more, but
 * names in it can, where other users may write to it.
 */
export function inDirectory(directory: string, script: Script): Script {
  return sh`
    (
    directory=${directory}
    cd -P "$directory" || exit
    if [ "$PWD" != "$directory" ]; then
      printf '%s: a directory in this path has been replaced by a symlink\\n' "$directory" >&2
      exit 1
    fi
    ${script}
    )
  `
}

/**
 * Runs a script in a new, private directory inside a directory, in a subshell. Other users can exchange none of the names
 * in the private directory, so files get their content, owner and mode there. `mv -fT file ../name` then puts them into
 * place. What is left in the private directory is removed with it; names in it must not begin with a dot.
 */
export function inPrivateDirectory(directory: string, script: Script): Script {
  return inDirectory(directory, joinScripts([enterPrivateDirectory, script]))
}

/** In the directory that was entered. A stranger can exchange the new directory before we are in it, so it is examined from inside. */
export const enterPrivateDirectory = sh`
  private=$(mktemp -d ./.hostwright-XXXXXX) || exit
  private=\${private#./} outside=\${PWD%/}
  cd -P "./$private" || exit
  case $PWD,$(stat -c %a:%u .) in
    "$outside/$private,700:$(id -u)" | "$outside/$private,2700:$(id -u)") ;;
    *)
      printf '%s: another user has replaced the private directory %s\\n' "\${outside:-/}" "$private" >&2
      exit 1
      ;;
  esac
  for entry in * .[!.]* ..?*; do
    if [ -e "$entry" ] || [ -h "$entry" ]; then
      printf '%s: the private directory %s is not empty\\n' "\${outside:-/}" "$private" >&2
      exit 1
    fi
  done
  trap 'rm -rf ./*; rmdir "../$private" 2>/dev/null || :' EXIT
  trap 'exit 1' HUP INT TERM
`
