import { joinScripts, sh, type Script } from '../../target/sh.ts'
import { curlOptions, featureMissingInWget, wgetOptions } from './options.ts'
import type { HttpRequest } from './value.ts'

/** The maximum bytes of a body that are read. */
export const longestBody = 1024 * 1024

/** The maximum bytes of the headers of all responses, including redirects. */
const longestHeaders = 256 * 1024

/**
 * Defines `http_request NAME PROBLEM`, which sends a request with curl, or with wget if curl is missing and PROBLEM is
 * empty. It prints "== response", the body in base64 on one line, "code " and the exit code of the client, the headers,
 * each after "< ", and the errors, each after "! ". The options are in files, because all users can see arguments.
 */
export const defineHttpRequest = sh`
  cd "$FILES" || exit
  http_request() {
    echo '== response'
    {
      http_code=0
      if command -v curl >/dev/null; then http_curl "$1" || http_code=$?
      elif ! command -v wget >/dev/null; then http_refuse "$1" 'neither curl nor wget is installed' || http_code=$?
      elif [ -n "$2" ]; then http_refuse "$1" "$2 needs curl, but only wget is installed" || http_code=$?
      else http_wget "$1" || http_code=$?
      fi
      echo "$http_code" >"$1.code"
    } | head -c ${longestBody + 1} | base64 | tr -d '\\n'
    echo
    if [ -n "$(find "$1.headers" "$1.log" -size +${longestHeaders / 512 - 1} 2>/dev/null)" ]; then
      : >"$1.headers"
      echo ${`the headers exceed ${longestHeaders / 1024} KB`} >"$1.errors"
      echo 1 >"$1.code"
    fi
    printf 'code %s\\n' "$(cat "$1.code")"
    if [ -s "$1.headers" ]; then tr -d '\\r' <"$1.headers" | sed 's/^/< /'; fi
    if [ -s "$1.errors" ]; then sed 's/^/! /' "$1.errors"; fi
  }
  http_refuse() {
    echo "$2" >"$1.errors"
    return 127
  }
  # a server may send endless headers
  http_limited() (
    ulimit -f ${longestHeaders / 512}
    exec "$@"
  )
  http_curl() {
    http_limited curl -q --config "$1.curl" --dump-header "$1.headers" 2>"$1.errors"
  }
  http_wget() {
    http_code=0
    if wget --version >/dev/null 2>&1; then
      http_limited wget --config="$1.wget" --input-file="$1.url" --output-document=- 2>"$1.log" || http_code=$?
    elif grep -q '^header=' "$1.wget"; then
      http_refuse "$1" 'headers need curl or GNU wget, but only BusyBox wget is installed'
      return
    else
      http_limited wget -S -O - "$(cat "$1.url")" 2>"$1.log" || http_code=$?
    fi
    sed -n 's/^  *\\(HTTP\\/\\)/\\1/p; s/^  *\\([A-Za-z0-9-]*: \\)/\\1/p' "$1.log" >"$1.headers"
    grep -v '^ ' "$1.log" >"$1.errors" || :
    # an HTTP error status is a valid answer
    if [ "$http_code" = 8 ] || grep -q '^wget: server returned error: ' "$1.log"; then http_code=0; fi
    return "$http_code"
  }
`

/** Returns a script that sends one request and fails, with the response, unless the status is one of these. */
export function demandStatus(request: HttpRequest, statuses: readonly number[]): Script {
  const expected = sh`
    http_wanted=${` ${statuses.join(' ')} `}
    case $http_wanted in
      *" $(sed -n 's/^HTTP\\/[0-9.]* \\([0-9][0-9]*\\).*/\\1/p' request-0.headers | tail -n 1) "*)
        cat request-0.response ;;
      *)
        cat request-0.errors >&2
        sed -n 's/^\\(HTTP\\/.*\\)/\\1/p' request-0.headers >&2
        sed -n 2p request-0.response | base64 -d >&2
        exit 1 ;;
    esac
  `
  const request0 = sendRequest(request, 'request-0')
  return joinScripts([
    defineHttpRequest,
    sh`touch request-0.headers request-0.errors`,
    { ...request0, text: `${request0.text} >request-0.response` },
    expected,
  ])
}

/** Returns a script that sends a request. @param name unique in the script */
export function sendRequest(request: HttpRequest, name: string): Script {
  const { body } = request
  const options = {
    curl: curlOptions(request, `${name}.body`),
    wget: wgetOptions(request),
    url: [request.url],
  }
  const attachments = new Map<string, Buffer>(
    Object.entries(options).map(([suffix, lines]) => [
      `${name}.${suffix}`,
      Buffer.from([...lines, ''].join('\n')),
    ]),
  )
  if (body !== undefined) attachments.set(`${name}.body`, Buffer.from(body))
  return { text: sh`http_request ${name} ${featureMissingInWget(request) ?? ''}`.text, attachments }
}
