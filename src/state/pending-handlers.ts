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
      return [...new Set(handlers.map((line) => line.split('\t')[1] ?? ''))]
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

/** Returns a script that records notified handlers on the host. It must run before the change. */
export function notePending(play: string, handlers: readonly string[]): Script {
  const lines = handlers.map((handler) => `${play}\t${handler}`)
  return joinScripts([
    locate,
    sh`
      [ -d "$folder" ] || (umask 077 && mkdir -p "$folder")
      if [ -e "$journal" ] && [ ! -f "$journal" ]; then
        echo "$journal is not a regular file" >&2
        exit 1
      fi
      for line in ${lines}; do
        grep -Fqxs -e "$line" "$journal" || printf '%s\n' "$line" >> "$journal"
      done`,
  ])
}

/** Returns a script that removes handlers that have run. */
export function clearPending(play: string, handlers: readonly string[]): Script {
  const lines = handlers.map((handler) => `${play}\t${handler}`)
  return joinScripts([
    locate,
    sh`
      if [ -f "$journal" ]; then
        rest=$(mktemp "$folder/.pending.XXXXXX")
        trap 'rm -f "$rest"' 0
        printf '%s\n' ${lines} > "$rest.done"
        grep -Fvx -f "$rest.done" "$journal" > "$rest" || :
        rm -f "$rest.done"
        if [ -s "$rest" ]; then mv -f "$rest" "$journal"; else rm -f "$journal"; fi
      fi`,
  ])
}
