import { sh } from '../../target/sh.ts'

/** A path in or above an application's directories that other users than root and the acting user can change. */
export interface InsecurePlace {
  readonly path: string
  /** The reason why the path is insecure, such as "belongs to shop". */
  readonly reason: string
}

export interface Inspection {
  /** The uid of the acting user. */
  readonly user: number
  readonly insecure: readonly InsecurePlace[]
}

/**
 * Defines `inspect ROOT PLACE...`, which runs one process. It prints the uid of the acting user, a line for each
 * insecure place or directory above ROOT (one that other users can change, or a symlink), and finally `secure` or
 * `insecure`. An insecure release alone does not make the result insecure.
 * Other users can replace files in an insecure place at any time, so nothing is read or written there.
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
      # not writable by the group or others
      closed='[02468ace][014589cd]'
      user=0
      verdict=secure
      while IFS= read -r line; do
        place=/\${line#*:/}
        case $line in
          *:/proc/self/) user=\${line%%:*}; echo "$user"; continue ;;
          0:4?$closed:*|"$user":4?$closed:*|0:8?$closed:1:*|"$user":8?$closed:1:*) continue ;;
          # in a sticky directory, only the owner can rename an entry
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
  if (path === undefined) throw new Error(`unexpected line about a directory: ${line}`)
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
  return `has ${links} hard links`
}
