import { joinScripts, sh, type Script } from '../target/sh.ts'
import { defineKind } from './definition/kind.ts'

declare module './definition/write.ts' {
  interface KindValues {
    'pending-handlers': readonly string[]
  }
}

/** The maximum bytes of the file that are read. */
const longestJournal = 1024 * 1024

/** The notified handlers of a host that have not run. Each is a line "<play>\t<handler>". */
export const pending = defineKind<'pending-handlers', PendingQuestion>({
  name: 'pending-handlers',
  subject: ({ play }) => play,
  read: () => joinScripts([locate, sh`if [ -f "$journal" ]; then head -c ${longestJournal} "$journal"; fi`]),
  parse(output, questions) {
    const noted = output.split('\n')
    return questions.map(({ play }) => {
      const handlers = noted.filter((line) => line.startsWith(`${play}\t`))
      return [...new Set(handlers.map((line) => line.slice(play.length + 1)))]
    })
  },
  dependsOn: { scopes: [] },
})

export interface PendingQuestion {
  /** The identity of the play, without tabs and newlines. */
  readonly play: string
}

/** Sets the path of the file: in the user's XDG state directory, or in /var/lib for root. */
const locate = sh`
  if [ -n "\${XDG_STATE_HOME-}" ]; then folder=$XDG_STATE_HOME/hostwright
  elif [ "$(id -u)" = 0 ]; then folder=/var/lib/hostwright
  else folder=$HOME/.local/state/hostwright; fi
  journal=$folder/pending-handlers`

/** The seconds to wait while another script rewrites the file, which takes a moment. */
const lockTimeLimit = 20

/**
 * Locks the directory until the script ends, and copies the file to $new. Only its owner can open the directory. Without
 * flock(1), there is no lock.
 */
const beginRewrite = sh`
  exec 9<"$folder"
  if command -v flock >/dev/null; then
    # BusyBox has no time limit
    flock -w ${lockTimeLimit} 9 2>/dev/null || flock -n 9 || {
      echo "$journal: another process has locked it for ${lockTimeLimit} seconds" >&2
      exit 1
    }
  fi
  if [ -e "$journal" ] && [ ! -f "$journal" ]; then
    echo "$journal is not a regular file" >&2
    exit 1
  fi
  # those of killed scripts
  rm -f "$folder"/.pending.*
  new=$(mktemp "$folder/.pending.XXXXXX")
  trap 'rm -f "$new" "$new.rest" "$new.done"' 0
  if [ -f "$journal" ]; then cat "$journal" >"$new"; fi`

/** Returns a script that records notified handlers on the host. It must run before the change. */
export function notePending(play: string, handlers: readonly string[]): Script {
  return joinScripts([
    locate,
    sh`[ -d "$folder" ] || (umask 077 && mkdir -p "$folder")`,
    beginRewrite,
    sh`
      missing=
      for line in ${linesOf(play, handlers)}; do
        if ! grep -Fqx -e "$line" "$new"; then
          printf '%s\n' "$line" >>"$new"
          missing=1
        fi
      done
      if [ -n "$missing" ]; then mv -f "$new" "$journal"; fi`,
  ])
}

/** Returns a script that removes handlers that have run. */
export function clearPending(play: string, handlers: readonly string[]): Script {
  return joinScripts([
    locate,
    sh`[ -f "$journal" ] || exit 0`,
    beginRewrite,
    sh`
      printf '%s\n' ${linesOf(play, handlers)} >"$new.done"
      code=0
      grep -Fvx -f "$new.done" "$new" >"$new.rest" || code=$?
      case $code in
        0) mv -f "$new.rest" "$journal" ;;
        # no line is left
        1) rm -f "$journal" ;;
        *) exit "$code" ;;
      esac`,
  ])
}

function linesOf(play: string, handlers: readonly string[]): string[] {
  return handlers.map((handler) => `${play}\t${handler}`)
}
