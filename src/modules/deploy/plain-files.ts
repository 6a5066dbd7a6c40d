import { sh } from '../../target/sh.ts'

/**
 * Ends the script where the working directory holds anything but files with one name, directories and symlinks, or a
 * mode with more than everyone's right to read: set-user-ID and set-group-ID bits, a sticky directory, write access for
 * groups and others. Directories may inherit their group.
 */
export const demandPlainFiles = sh`
  odd=$(
    find . ! -type l \\( ! -type f ! -type d -o -type f -perm /7022 -o -type d -perm /5022 -o -type f -links +1 \\) |
      head -n 1
  )
  if [ -n "$odd" ]; then
    printf 'the artifact has %s, which is not plain: %s\\n' "\${odd#./}" "$(stat -c '%F, mode %a, %h names' -- "$odd")" >&2
    echo 'an artifact carries files with one name, directories and symlinks, all without special modes: remove it in deploy_build' >&2
    exit 1
  fi
`
