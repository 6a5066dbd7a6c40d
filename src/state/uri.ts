import { defineKind } from './definition/key.ts'
import { sendRequests } from './http/request.ts'
import { parseResponses, type HttpProblem, type HttpResponse } from './http/response.ts'
import type { HttpRequest } from './http/value.ts'

/** What a web server answers to a GET or HEAD from the host. Anything at all that is written may change it. */
export const uri = defineKind<HttpRequest, HttpResponse | HttpProblem>({
  name: 'uri',
  subject: ({ method, url }) => `${method} ${url}`,
  read: sendRequests,
  parse: parseResponses,
})
