import { sh } from '../../target/sh.ts'

/**
 * Fails the script if the working directory contains anything but directories, symlinks and files with one hard link,
 * or if a mode has set-ID or sticky bits or lets group or others write. Directories may have the set-group-ID bit.
 */
export const demandPlainFiles = sh`
  odd=$(
    find . ! -type l \\( ! -type f ! -type d -o -type f -perm /7022 -o -type d -perm /5022 -o -type f -links +1 \\) |
      head -n 1
  )
  if [ -n "$odd" ]; then
    printf 'the artifact contains %s, which is not plain: %s\\n' "\${odd#./}" "$(stat -c '%F, mode %a, %h hard links' -- "$odd")" >&2
    echo 'remove it in deploy_build: an artifact can only contain directories, symlinks and files with one hard link, without special modes' >&2
    exit 1
  fi
`
