import { sh } from '../../target/sh.ts'

/**
 * Defines the function `read_only_apt`, which runs one of apt's programs. As root, they write their binary caches anew
 * when they are out of date: this one may use what was made for these lists, and keeps in memory what it makes itself.
 */
export const readOnlyApt = sh`
  read_only_apt() {
    program=$1
    shift
    made=/var/cache/apt/srcpkgcache.bin
    if [ -e "$made" ] && [ -z "$(find /var/lib/apt/lists -prune -newer "$made"; find /etc/apt -newer "$made")" ]
    then "$program" -o Dir::Cache::pkgcache= "$@"
    else "$program" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= "$@"
    fi
  }
`
