import { defineKind } from './definition/kind.ts'
import { sendRequests } from './http/request.ts'
import { parseResponses, type HttpProblem, type HttpResponse } from './http/response.ts'
import type { HttpRequest } from './http/value.ts'

declare module './definition/write.ts' {
  interface KindValues {
    uri: HttpResponse | HttpProblem
  }
}

/** The response of a web server to a GET or HEAD from the host. Every write may change it. */
export const uri = defineKind<'uri', HttpRequest>({
  name: 'uri',
  subject: ({ method, url }) => `${method} ${url}`,
  read: sendRequests,
  parse: parseResponses,
})
