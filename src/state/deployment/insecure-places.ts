import { sh } from '../../target/sh.ts'

/** Something at or around an application's directories that users other than root and the acting user can change. */
export interface InsecurePlace {
  readonly path: string
  /** What is wrong with it, e.g. "belongs to shop". */
  readonly reason: string
}

export interface Inspection {
  /** The number of the acting user. */
  readonly user: number
  readonly insecure: readonly InsecurePlace[]
}

/**
 * Defines `inspect ROOT PLACE...`, one process for all of it. It prints the number of the acting user, a line for each of
 * the places, and for each directory above ROOT, that other users can change or that leads elsewhere, and at last
 * `secure` or `insecure`; a single release that is insecure leaves the whole secure.
 * A name in such a place can become another file at any moment, so nothing is read or written through it.
 */
export const defineInspect = sh`
  inspect() {
    root=$1
    real=$(cd -P "$root" 2>/dev/null && pwd) || real=
    shift
    for above in "$root" "$real"; do
      while above=\${above%/*}; [ -n "$above" ]; do set -- "$@" "$above"; done
      if [ "$real" = "$root" ]; then break; fi
    done
    stat -c '%u:%f:%h:%U:%n' /proc/self/ "$@" 2>/dev/null | {
      # neither the group nor others may write
      closed='[02468ace][014589cd]'
      user=0
      verdict=secure
      while IFS= read -r line; do
        place=/\${line#*:/}
        case $line in
          *:/proc/self/) user=\${line%%:*}; echo "$user"; continue ;;
          0:4?$closed:*|"$user":4?$closed:*|0:8?$closed:1:*|"$user":8?$closed:1:*) continue ;;
          # in a sticky directory, entries can be renamed by their owners only
          0:4[2367abef]*|"$user":4[2367abef]*|0:a*|"$user":a*)
            case $root/:$real/ in "$place"/*|*":$place/"*) if [ "$place" != "$root" ]; then continue; fi ;; esac
            ;;
          [0-9]*:*:[0-9]*:*:/*) ;;
          # the rest of a name with several lines
          *) continue ;;
        esac
        case $place in "$root"/releases/*) ;; *) verdict=insecure ;; esac
        printf '%s/\\n' "$line"
      done
      echo "$verdict"
    }
  }
`

/** @param output of `inspect` */
export function parseInspection(output: string): Inspection {
  const [user = '', ...lines] = output.split('\n').slice(0, -1)
  const number = Number(user)
  return { user: number, insecure: lines.map((line) => insecurePlace(line, number)) }
}

function insecurePlace(line: string, user: number): InsecurePlace {
  const [, uid = '', mode = '', links = '', owner = '', path] =
    /^(\d+):([0-9a-f]+):(\d+):([^:]*):(\/.*)\/$/.exec(line) ?? []
  if (path === undefined) throw new Error(`a line about a directory that is not understood: ${line}`)
  return { path, reason: reasonOf({ uid: Number(uid), mode: parseInt(mode, 16), links, owner }, user) }
}

interface Attributes {
  readonly uid: number
  readonly mode: number
  readonly links: string
  readonly owner: string
}

function reasonOf({ uid, mode, links, owner }: Attributes, user: number): string {
  const type = mode & 0o170000
  if (type === 0o120000) return 'is a symlink'
  if (uid !== 0 && uid !== user) return `belongs to ${owner === 'UNKNOWN' ? `the user ${uid}` : owner}`
  if (type !== 0o040000 && type !== 0o100000) return 'is neither a directory nor a regular file'
  if ((mode & 0o022) !== 0) return `can be written by other users (mode ${(mode & 0o7777).toString(8)})`
  return `has ${links} names (hard links)`
}
