import { sh } from '../../target/sh.ts'

/**
 * Defines `read_only_apt`, which runs a program of apt without changes on disk. As root, apt would rewrite stale binary
 * caches. The function uses the cache on disk if it is up to date, and keeps a new one in memory.
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
