import { sh, type Script } from '../../target/sh.ts'

/** Seconds that reading a log may take. */
const patience = 5

/** So many bytes of the end of a log are looked at. */
const limit = 65_536

/**
 * Defines `log_size LOG` and `new_lines LOG SIZE`: the last lines that a log got since it had a size. The application
 * chooses what lies at the path, so root only asks for the size of what is there. It is read as the user who writes it:
 * one regular file, opened once, and no longer than a few seconds.
 */
export function defineNewLines(user: string): Script {
  return sh`
    log_size() { stat -c %s -- "$1" 2>/dev/null || echo 0; }
    new_lines() {
      # shellcheck disable=SC2016 # another shell expands it
      set -- timeout -k 1 ${patience} sh -c ${reader.text} sh "$@"
      if [ "$(id -u)" = 0 ]; then
        shift 4
        set -- timeout -k 1 ${patience} runuser -u ${user} -- "$@"
      fi
      # into a file: a process that outlives the limit keeps no pipe open
      (
        cd /
        ulimit -f 256
        exec env -i PATH="$PATH" LC_ALL=C "$@"
      ) </dev/null >new-lines 2>/dev/null || printf '%s\\n' '(it cannot be read)' >new-lines
      head -c ${limit} new-lines | tail -n 40 | tr -d '\\000'
    }
  `
}

/** Its arguments are the log and the size. What is opened may not be what was looked at, so it is looked at again. */
const reader = sh`
  if [ ! -e "$1" ] && [ ! -h "$1" ]; then exit; fi
  if [ ! -f "$1" ] || [ -h "$1" ]; then echo '(it is not a regular file)'; exit; fi
  before=$2
  exec <"$1"
  set -- $(stat -L -c '%f %s' /proc/self/fd/0)
  case $1 in 8*) ;; *) exit 1 ;; esac
  if [ "$2" -lt "$before" ]; then before=0; fi
  new=$(($2 - before))
  if [ "$new" -gt ${limit} ]; then new=${limit}; fi
  tail -c "$new" | tail -n 40
`
