import { basename, dirname } from 'node:path/posix'

import { joinScripts, sh, type Script } from '../../target/sh.ts'
import { heldFiles } from './entries.ts'
import { enterPrivateDirectory, inDirectory } from './private-directory.ts'
import { trustedDirectory } from './trusted-directory.ts'

/** Removes a directory with its content. */
export function removeTree(path: string): Script {
  return inDirectory(
    dirname(path),
    sh`
      tree=${`./${basename(path)}`}
      if rm --version >/dev/null 2>&1; then exec rm -rf "$tree"; fi
      # BusyBox's rm follows a symlink that replaces a directory, so no other user must have write access meanwhile
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

/** A change of owner and mode in a directory tree. */
export interface TreeChange {
  /** The argument of chown. */
  readonly owner: string | undefined
  /** The argument of chmod. */
  readonly mode: string | undefined
  /** True if the change lets no other user write to a directory. */
  readonly excludesOthers: boolean
}

/** Sets owner and mode of a directory and its content. Symlinks are not followed, and keep their mode. */
export function changeTree(path: string, change: TreeChange): Script {
  const { owner, mode } = change
  const withoutOthers = joinScripts([
    ...(owner === undefined ? [] : [sh`chown -R -h ${owner} .`]),
    ...(mode === undefined ? [] : [sh`find . ! -type l -exec chmod ${mode} {} +`]),
  ])
  if (!change.excludesOthers) return inDirectory(path, changeAmongOthers(change))
  return inDirectory(
    path,
    sh`
      others=$(find . -type d \\( -perm -020 -o -perm -002 -o ! -user 0 ! -user "$(id -u)" \\) | head -n 1)
      if [ -z "$others" ]; then
        ${withoutOthers}
      else
        ${changeAmongOthers(change)}
      fi
    `,
  )
}

/** Changes a tree to which other users can write, from the bottom up and directory by directory. */
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
