import { joinScripts, sh, type Script } from '../../target/sh.ts'
import { attributesFormat } from './attributes.ts'
import { readRegularFile } from './regular-file.ts'
import type { PathQuestion } from './value.ts'

/** The maximum bytes of a content. One byte more is read to detect a larger file. */
export const contentLimits = { always: 5 * 1024 * 1024, unless: 100 * 1024 } as const

/** The number of paths that fit into the arguments of a process. */
const batchSize = 500

/** Splits questions into batches, which are read and parsed separately. */
export function inBatches(questions: readonly PathQuestion[]): (readonly PathQuestion[])[] {
  const count = Math.ceil(questions.length / batchSize)
  return Array.from({ length: count }, (_, index) =>
    questions.slice(index * batchSize, (index + 1) * batchSize),
  )
}

/** Returns a script that uses `stat`, `sha256sum` and shell builtins. Only the lines of hashes contain names. */
export function readPaths(questions: readonly PathQuestion[]): Script {
  return joinScripts(inBatches(questions).map(readBatch))
}

function readBatch(questions: readonly PathQuestion[]): Script {
  const hashed = questions.filter(isHashed)
  const shown = questions.filter(isShown)
  return joinScripts([
    describe(questions),
    ...(hashed.length === 0 ? [] : [hash(hashed)]),
    ...(shown.length === 0 ? [] : [show(shown, hashed.length > 0)]),
  ])
}

export function isHashed(question: PathQuestion): boolean {
  return typeof question.content === 'object' || (question.sha256 === true && question.content === undefined)
}

function isShown(question: PathQuestion): boolean {
  return question.content !== undefined
}

/**
 * Resolves symlinks one by one, because the owner of each one matters. A list of paths is a string with "//" after each
 * path, which no resolved path contains. Parent directories and symlinks come last.
 */
function describe(questions: readonly PathQuestion[]): Script {
  const words = questions.map(
    (question) => `${question.follow === true ? 'f' : '-'}${isShown(question) ? 's' : '-'}${question.path}`,
  )
  return sh`
    folders=// links='' shown=''
    set -- ${words}
    for word do
      shift
      path=\${word#??}
      flags=\${word%"$path"}
      folder=\${path%/*}
      until cd -P "\${folder:-/}" 2>/dev/null; do folder=\${folder%/*}; done
      name=\${path#"$folder"/} here=\${PWD%/}
      if [ "$here" != "$folder" ]; then
        here='' left=\${folder#/} hops=0
        ${followSymlinks}
      fi
      place=$here/$name
      type=-
      if [ -h "$place" ]; then type=l
      elif [ -e "$place" ]; then type=e
      elif [ "\${name#*/}" != "$name" ] && [ -d "$here/\${name%%/*}" ]; then type=!
      fi
      case $folders in *"//$here//"*) ;; *) folders=$folders$here// ;; esac
      if [ "$here" = "$folder" ]; then printf '%s\\0' "$type"
      else printf '%s%s\\0' "$type" "$place"
      fi
      case $type in
        l) readlink -n "$place"; printf '\\0'; set -- "$@" "$place" ;;
        e) set -- "$@" "$place" ;;
      esac
      case $type$flags in
        lf*)
          left=$name hops=0
          ${followSymlinks}
          place=\${here:-/}
          case $folders in *"//\${here%/*}//"*) ;; *) folders=$folders\${here%/*}// ;; esac
          if [ "$hops" = 40 ]; then printf '%s\\0' -
          elif [ -e "$place" ]; then printf 'e%s\\0' "$place"; set -- "$@" "$place"
          else printf '%s%s\\0' - "$place"
          fi
          ;;
      esac
      case $flags in ?s) shown=$shown\${place%/}// ;; esac
    done
    known=// folders=\${folders#//}
    while [ -n "$folders" ]; do
      folder=\${folders%%//*} folders=\${folders#*//}
      until case $known in *"//$folder//"*) true ;; *) false ;; esac; do
        known=$known$folder//
        if [ -d "\${folder:-/}" ]; then printf 'd%s\\0' "$folder"; set -- "$@" "\${folder:-/}"; fi
        [ -n "$folder" ] || break
        folder=\${folder%/*}
      done
    done
    printf '.\\0'
    while [ -n "$links" ]; do
      set -- "$@" "\${links%%//*}"
      links=\${links#*//}
    done
    stat -c ${attributesFormat} /proc/self/. "$@"
  `
}

/** Resolves the rest of the path, $left, from the directory $here. */
const followSymlinks = sh`
  while [ -n "$left" ]; do
    piece=\${left%%/*}
    case $left in */*) left=\${left#*/} ;; *) left= ;; esac
    case $piece in
      '' | .) ;;
      ..) here=\${here%/*} ;;
      *)
        if [ ! -h "$here/$piece" ]; then here=$here/$piece
        else
          case $folders in *"//$here//"*) ;; *) folders=$folders$here// ;; esac
          links=$links$here/$piece// hops=$((hops + 1))
          printf 'h%s\\0' "$here/$piece"
          target=$(readlink -n "$here/$piece" && printf .)
          left=\${target%.}/$left
          case $left in /*) here= ;; esac
          [ "$hops" -lt 40 ] || left=
        fi
        ;;
    esac
  done
`

function hash(questions: readonly PathQuestion[]): Script {
  return sh`
    set -- ${questions.map((question) => (question.follow === true ? 'f' : 'n') + question.path)}
    for word do
      shift
      path=\${word#?}
      [ -f "$path" ] || continue
      [ -r "$path" ] || continue
      case $word in n*) [ ! -h "$path" ] || continue ;; esac
      set -- "$@" "$path"
    done
    hashes=
    if [ $# != 0 ]; then
      hashes=$(sha256sum "$@" && printf .)
      hashes=\${hashes%.}
      printf %s "$hashes"
    fi
  `
}

function show(questions: readonly PathQuestion[], withHashes: boolean): Script {
  return joinScripts([
    ...(withHashes ? [] : [sh`hashes=`]),
    sh`
      newline='
      '
      ${readRegularFile}
      show() {
        place=\${shown%%//*} shown=\${shown#*//}
        if [ -f "$place" ] && [ -r "$place" ] && [ ! -h "$place" ]; then
          case "$newline$hashes" in
            *"$newline$2  $1$newline"*) ;;
            *) printf +; { { read_regular_file "$place" "$3" || printf ! >&3; } | base64; } 3>&1 ;;
          esac
        fi
        printf '\\0'
      }
    `,
    ...questions.map(
      ({ path, content }) =>
        sh`show ${path} ${typeof content === 'object' ? content.unless : ''} ${limitOf(content) + 1}`,
    ),
  ])
}

export function limitOf(content: PathQuestion['content']): number {
  return content === 'always' ? contentLimits.always : contentLimits.unless
}
