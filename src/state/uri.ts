import { joinScripts, sh, type Script } from '../target/sh.ts'
import { defineKind } from './definition/kind.ts'
import { defineHttpRequest, sendRequest } from './http/request.ts'
import { parseResponses, type HttpProblem, type HttpResponse } from './http/response.ts'
import type { HttpRequest } from './http/value.ts'

/** A GET or HEAD request, which is sent only if no path matches `creates`, and one matches `removes`. */
export interface UriQuestion extends HttpRequest {
  readonly creates?: string
  readonly removes?: string
}

/** The value for a request that was not sent because of a path. */
export const notSent = { notSent: true } as const

declare module './definition/write.ts' {
  interface KindValues {
    uri: HttpResponse | HttpProblem | typeof notSent
  }
}

/** The response of a web server to a GET or HEAD from the host. Every write may change it. */
export const uri = defineKind<'uri', UriQuestion>({
  name: 'uri',
  subject: ({ method, url }) => `${method} ${url}`,
  read: (questions) => joinScripts([defineHttpRequest, pathExists, ...questions.map(readOne)]),
  parse(output, questions) {
    const states = [...output.matchAll(/^== (response|skipped)$/gm)].map(([, state]) => state)
    const sent = questions.filter((_, index) => states[index] === 'response')
    const responses = parseResponses(output.replaceAll(/^== skipped\n/gm, ''), sent)
    return questions.map((_, index) => (states[index] === 'skipped' ? notSent : takeFirst(responses)))
  },
  isMomentary: () => true,
  isSeenByOthers: () => true,
})

/** Defines `path_exists PATTERN`. */
const pathExists = sh`
  path_exists() {
    # an empty IFS keeps a pattern with spaces one word
    IFS=
    for path in $1; do
      if [ -e "$path" ] || [ -L "$path" ]; then return; fi
    done
    return 1
  }
`

function readOne(question: UriQuestion, index: number): Script {
  const { creates, removes } = question
  const request = sendRequest(question, `request-${index}`)
  if (creates === undefined && removes === undefined) return request
  const obstacles = [
    ...(creates === undefined ? [] : [sh`path_exists ${creates}`]),
    ...(removes === undefined ? [] : [sh`! path_exists ${removes}`]),
  ]
  const [first = sh`false`, second = sh`false`] = obstacles
  return sh`
    if (${first}) || (${second}); then echo '== skipped'
    else ${request}
    fi
  `
}

function takeFirst(responses: (HttpProblem | HttpResponse)[]): HttpProblem | HttpResponse {
  const response = responses.shift()
  if (response === undefined) throw new Error('a response is missing')
  return response
}
