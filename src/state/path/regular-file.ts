import { sh } from '../../target/sh.ts'

/**
 * Defines `read_regular_file PATH BYTES`, which prints up to BYTES of a file and never follows a symlink, even if
 * another user replaces the file concurrently. The directories of the path must not be symlinks.
 */
export const readRegularFile = sh`
  read_regular_file() (
    folder=\${1%/*} name=./\${1##*/}
    cd -P "\${folder:-/}" || exit
    [ "$PWD" = "\${folder:-/}" ] || exit 1
    dd if="$name" iflag=nofollow,nonblock,fullblock,count_bytes bs=65536 count="$2" status=none 2>/dev/null && exit
    dd if=/dev/null iflag=nofollow count=0 2>/dev/null && exit 1
    # BusyBox dd follows symlinks: the open file must be the named one
    if [ -h "$name" ] || [ ! -f "$name" ]; then exit 1; fi
    exec 4<"$name"
    [ "$(stat -L -c %d:%i /proc/self/fd/4)" = "$(stat -c %d:%i "$name")" ] || exit 1
    head -c "$2" <&4
  )
`
