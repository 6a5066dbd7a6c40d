import { sh } from '../../target/sh.ts'
import { staleReading } from './stale-reading.ts'

/**
 * Defines `swap_lock`. $path is the path to replace. From the lock until the end of the script or `swapUnlock`, no other
 * script of Hostwright compares and replaces anything on the host as the same user. A run that found a stale reading
 * writes its name and the path into the lock, and goes first the next time: the run whose script came first would
 * otherwise come first again. Other users cannot open the lock, or they could hold it. The kernel releases it when the
 * script ends. Without flock(1) or a private directory in memory, there is no lock.
 */
export const swapLock = sh`
  swap_file=
  swap_lock() {
    swap_folder=/run
    if [ ! -w /run ]; then swap_folder=\${XDG_RUNTIME_DIR-}; fi
    swap_file=$swap_folder/hostwright.lock swap_turns=0
    if [ ! -w "$swap_folder" ] || ! command -v flock >/dev/null ||
      { [ ! -w "$swap_file" ] && ! (umask 077 && : >>"$swap_file") 2>/dev/null; }; then
      swap_file=
      return 0
    fi
    exec 9>>"$swap_file"
    while :; do
      # BusyBox has no time limit
      flock -w 20 9 2>/dev/null || flock -n 9 || :
      swap_first='' swap_path=''
      { IFS= read -r swap_first && IFS= read -r swap_path; } <"$swap_file" || :
      if [ "$swap_path" != "$path" ] || [ "$swap_first" = "\${FILES%/*}" ] || [ "$swap_turns" = 30 ]; then break; fi
      flock -u 9
      sleep 0.1
      swap_turns=$((swap_turns + 1))
    done
    if [ "$swap_path" = "$path" ]; then : >"$swap_file"; fi
  }
`

/** Defines `demand_as_read TEST…`, which ends a script that holds the lock with `staleReading` if the test fails. */
export const demandAsRead = sh`
  demand_as_read() {
    "$@" && return
    if [ -n "$swap_file" ]; then printf '%s\\n%s\\n' "\${FILES%/*}" "$path" >"$swap_file"; fi
    printf '%s has changed since it was read\\n' "$path" >&2
    exit ${staleReading}
  }
`

/** Must come before a command of the user, which may leave a process behind. */
export const swapUnlock = sh`exec 9>&-`
