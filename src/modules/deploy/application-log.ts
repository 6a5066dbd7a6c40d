import { sh, type Script } from '../../target/sh.ts'

/** The time limit in seconds for reading a log. */
const timeLimit = 5

/** The number of bytes to read from the end of a log. */
const limit = 65_536

/**
 * Defines `log_size LOG` and `new_lines LOG SIZE`, which prints the last lines that were added since the log had this
 * size. The application controls the path, so root only reads the size. The content is read as the user that writes the
 * log, with a time limit, and only from a regular file that is opened once.
 */
export function defineNewLines(user: string): Script {
  return sh`
    log_size() { stat -c %s -- "$1" 2>/dev/null || echo 0; }
    new_lines() {
      # shellcheck disable=SC2016 # another shell expands it
      set -- timeout -k 1 ${timeLimit} sh -c ${reader.text} sh "$@"
      if [ "$(id -u)" = 0 ]; then
        shift 4
        set -- timeout -k 1 ${timeLimit} runuser -u ${user} -- "$@"
      fi
      # prints to a file, so that a process that outlives the limit does not keep a pipe open
      (
        cd /
        ulimit -f 256
        exec env -i PATH="$PATH" LC_ALL=C "$@"
      ) </dev/null >new-lines 2>/dev/null || printf '%s\\n' '(it cannot be read)' >new-lines
      head -c ${limit} new-lines | tail -n 40 | tr -d '\\000'
    }
  `
}

/**
 * A script with the log and its previous size as arguments. It checks the opened file, which may have been replaced.
 */
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
