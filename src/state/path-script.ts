import { joinScripts, sh, type Script } from '../target/sh.ts'
import { attributesFormat } from './path-attributes.ts'
import type { PathQuestion } from './path.ts'

/** One more byte than is wanted of a content tells that there is too much of it. */
export const contentLimits = { always: 5 * 1024 * 1024, unless: 100 * 1024 } as const

/** So many paths fit into the arguments of one process. */
const batchSize = 500

/** Reads are made, and their output is understood, batch by batch. */
export function inBatches(questions: readonly PathQuestion[]): (readonly PathQuestion[])[] {
  const count = Math.ceil(questions.length / batchSize)
  return Array.from({ length: count }, (_, index) =>
    questions.slice(index * batchSize, (index + 1) * batchSize),
  )
}

/** `stat`, `sha256sum` and shell builtins; names are never part of what is parsed but for the hashes. */
export function readPaths(questions: readonly PathQuestion[]): Script {
  return joinScripts(inBatches(questions).map(readBatch))
}

function readBatch(questions: readonly PathQuestion[]): Script {
  const followed = questions.filter((question) => question.follow === true)
  const hashed = questions.filter(isHashed)
  const shown = questions.filter((question) => question.content !== undefined)
  return joinScripts([
    describe(questions),
    ...(followed.length === 0 ? [] : [follow(followed)]),
    ...(hashed.length === 0 ? [] : [hash(hashed)]),
    ...(shown.length === 0 ? [] : [show(shown, hashed.length > 0)]),
  ])
}

export function isHashed(question: PathQuestion): boolean {
  return typeof question.content === 'object' || (question.sha256 === true && question.content === undefined)
}

// Without a shortcut for what is not there: the deepest directory that can be entered gives the real path.
function describe(questions: readonly PathQuestion[]): Script {
  return sh`
    set -- ${questions.map(({ path }) => path)}
    for path do
      shift
      directory=\${path%/*}
      until cd -P "\${directory:-/}" 2>/dev/null; do directory=\${directory%/*}; done
      rest=\${path#"$directory"/}
      type=-
      if [ -h "$path" ]; then type=l
      elif [ -e "$path" ]; then type=e
      elif [ "\${rest#*/}" != "$rest" ] && [ -d "$directory/\${rest%%/*}" ]; then type=!
      fi
      if [ "$PWD" = "\${directory:-/}" ]; then printf '%s\\0' "$type"
      else printf '%s%s\\0' "$type" "\${PWD%/}/$rest"
      fi
      case $type in
        l) readlink -n "$path"; printf '\\0'; set -- "$@" "$path" ;;
        e) set -- "$@" "$path" ;;
      esac
    done
    [ $# = 0 ] || stat -c ${attributesFormat} "$@"
  `
}

// GNU readlink never ends on a link that leads through itself (a -> a/b).
function follow(questions: readonly PathQuestion[]): Script {
  return sh`
    set -- ${questions.map(({ path }) => path)}
    for path do
      shift
      [ -h "$path" ] || continue
      if [ -e "$path" ]; then printf e; set -- "$@" "$path"; readlink -f -n "$path" || :
      else printf -- -; timeout 1 readlink -f -n "$path" || :
      fi
      printf '\\0'
    done
    [ $# = 0 ] || stat -L -c ${attributesFormat} "$@"
  `
}

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
      show() {
        if [ -f "$1" ] && [ -r "$1" ] && { [ "$2" = f ] || [ ! -h "$1" ]; }; then
          case "$newline$hashes" in
            *"$newline$3  $1$newline"*) ;;
            *) printf +; head -c "$4" "$1" | base64 ;;
          esac
        fi
        printf '\\0'
      }
    `,
    ...questions.map(
      ({ path, follow, content }) =>
        sh`show ${path} ${follow === true ? 'f' : 'n'} ${typeof content === 'object' ? content.unless : ''} ${limitOf(content) + 1}`,
    ),
  ])
}

export function limitOf(content: PathQuestion['content']): number {
  return content === 'always' ? contentLimits.always : contentLimits.unless
}
