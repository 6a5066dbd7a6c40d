import { basename, dirname } from 'node:path/posix'

import type { PathType } from '../../state/path/value.ts'
import { joinScripts, sh, type Script } from '../../target/sh.ts'

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

const enterDirectory = sh`
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

/** Defines `is_trusted DIRECTORY`: no other user can exchange names in it. */
export const trustedDirectory = sh`
  is_trusted() {
    # shellcheck disable=SC2046 # words
    set -- $(stat -c '%a %u' "$1")
    case $1 in *[2367]? | *[2367]) return 1 ;; esac
    case $2 in 0 | "$(id -u)") ;; *) return 1 ;; esac
  }
`

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
const enterPrivateDirectory = sh`
  if ! private=$(mktemp -d ./.hostwright-XXXXXX 2>&1); then
    printf '%s: cannot create a directory in it: %s\\n' "$PWD" "\${private##*: }" >&2
    exit 1
  fi
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
  # shellcheck disable=SC2317 # the trap calls it
  tidy() { rm -rf ./* ./.[!.]* ./..?*; rmdir "../$private" 2>/dev/null || :; }
  trap tidy EXIT
  trap 'exit 1' HUP INT TERM
  ${refuseInheritedAccess}
`

/**
 * Makes a directory and those above it. They are put into place when it has its owner and mode. A directory that is there
 * by now gets them as it is.
 */
export function makeDirectory(path: string, owner: string | undefined, mode: string | undefined): Script {
  const give = (place: Script): Script =>
    joinScripts([
      ...(owner === undefined ? [] : [sh`chown ${owner} ${place}`]),
      ...(mode === undefined ? [] : [sh`chmod ${`0${mode}`} ${place}`]),
    ])
  return sh`
    (
    path=${path}
    if [ -d "$path" ] && [ ! -h "$path" ]; then
      directory=$path
      ${enterDirectory}
      ${give(sh`.`)}
      exit 0
    fi
    directory=\${path%/*}
    until [ -d "\${directory:-/}" ]; do directory=\${directory%/*}; done
    missing=\${path#"$directory"/} directory=\${directory:-/}
    ${enterDirectory}
    ${enterPrivateDirectory}
    case $missing in
      */*) made=new/\${missing#*/} ;;
      *) made=new ;;
    esac
    mkdir -p "$made"
    ${give(sh`"$made"`)}
    mv -fT new "../\${missing%%/*}"
    )
  `
}

/**
 * Runs commands on "$entry", which is what is at the path (without symlinks in its directories) and stays that. Where
 * other users can exchange the name, the file gets a second one in a private directory for the time.
 */
export function changeEntry(path: string, type: PathType, commands: readonly Script[]): Script {
  if (type === 'directory') return inDirectory(path, joinScripts([sh`entry=.`, ...commands]))
  const entry = joinScripts([sh`entry=${`./${basename(path)}`}`, ...commands])
  return changeEntries(dirname(path), [basename(path)], entry, type === 'link')
}

/** The same for several files of a directory, which the script finds as `./name`. */
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
 * Defines `keep_entry PATH NAME`: a second name keeps what is at the path, even when another user gives the first one to
 * something else. Where a file system has no hard links, it becomes a copy. cp of BusyBox follows a symlink that takes
 * the place of a file meanwhile, so it copies only where no other user can do that.
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
 * Defines `hold NAME…`, for a private directory: it gives files of the directory outside a second name, and makes sure that
 * none is a hard link that another user has made to a file elsewhere. It is none when the file has no third name while it
 * still has the first, or when file and directory belong to the same user.
 */
const heldFiles = sh`
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

/** Removes a directory with all that is in it. */
export function removeTree(path: string): Script {
  return inDirectory(
    dirname(path),
    sh`
      tree=${`./${basename(path)}`}
      if rm --version >/dev/null 2>&1; then exec rm -rf "$tree"; fi
      # rm of BusyBox follows a directory that has become a symlink: no other user may write to any of them meanwhile
      take_over() (
        here=\${PWD%/}
        chown "$(id -u)" . 2>/dev/null || :
        chmod 0700 . || exit 1
        for name in ./* ./.[!.]* ./..?*; do
          if [ -d "$name" ] && [ ! -h "$name" ]; then
            cd -P "$name" || exit 1
            [ "$PWD" = "$here/\${name#./}" ] || exit 1
            take_over || exit 1
            cd -P "$here" || exit 1
          fi
        done
      )
      ${enterPrivateDirectory}
      mv -fT ".$tree" tree
      (cd -P ./tree && take_over) || { mv -fT tree ".$tree"; exit 1; }
    `,
  )
}

/** How a tree is changed. */
export interface TreeChange {
  /** As chown takes it. */
  readonly owner: string | undefined
  /** As chmod takes it. */
  readonly mode: string | undefined
  /** No other user can write to a directory because of it. */
  readonly keepsOthersOut: boolean
}

/** Gives owner and mode to a directory and to all that is in it; symlinks are not followed, and keep their mode. */
export function changeTree(path: string, change: TreeChange): Script {
  const { owner, mode } = change
  const byOneself = joinScripts([
    ...(owner === undefined ? [] : [sh`chown -R -h ${owner} .`]),
    ...(mode === undefined ? [] : [sh`find . ! -type l -exec chmod ${mode} {} +`]),
  ])
  if (!change.keepsOthersOut) return inDirectory(path, changeAmongOthers(change))
  return inDirectory(
    path,
    sh`
      others=$(find . -type d \\( -perm -020 -o -perm -002 -o ! -user 0 ! -user "$(id -u)" \\) | head -n 1)
      if [ -z "$others" ]; then
        ${byOneself}
      else
        ${changeAmongOthers(change)}
      fi
    `,
  )
}

/** From the bottom up, directory by directory. */
function changeAmongOthers({ owner, mode }: TreeChange): Script {
  return sh`
    ${trustedDirectory}
    ${heldFiles}
    give() {
      ${owner === undefined ? sh`:` : sh`chown -h ${owner} "$@" || exit 1`}
      ${mode === undefined ? sh`:` : giveMode(mode)}
    }
    change_tree() (
      here=\${PWD%/}
      for name in ./* ./.[!.]* ./..?*; do
        if [ -d "$name" ] && [ ! -h "$name" ]; then
          cd -P "$name" || exit 1
          [ "$PWD" = "$here/\${name#./}" ] || exit 1
          change_tree || exit 1
          cd -P "$here" || exit 1
          [ "$PWD" = "$here" ] || exit 1
        fi
      done
      set --
      for name in ./* ./.[!.]* ./..?*; do
        if [ -h "$name" ] || { [ -e "$name" ] && [ ! -d "$name" ]; }; then set -- "$@" "\${name#./}"; fi
        # as many as fit into the arguments of one process
        if [ $# = 500 ]; then
          change_files "$@" || exit 1
          set --
        fi
      done
      [ $# = 0 ] || change_files "$@" || exit 1
      give .
    )
    change_files() (
      if ! is_trusted .; then
        ${enterPrivateDirectory}
        hold "$@"
      fi
      for name do
        shift
        set -- "$@" "./$name"
      done
      give "$@"
    )
    change_tree
  `
}

function giveMode(mode: string): Script {
  return sh`
    for name do
      shift
      [ -h "$name" ] || set -- "$@" "$name"
    done
    [ $# = 0 ] || chmod ${mode} "$@" || exit 1
  `
}
