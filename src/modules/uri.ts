import { TaskFailure } from '../errors.ts'
import { demandStatus, longestBody } from '../state/http/request.ts'
import { parseResponses, type HttpProblem, type HttpResponse } from '../state/http/response.ts'
import type { HttpRequest } from '../state/http/value.ts'
import { jsonValue } from '../state/parse/json-object.ts'
import { uri as uriKind } from '../state/uri.ts'
import { isNeeded, readPrecondition } from './command/creates-removes.ts'
import { defineModule, when, type Change, type Step } from './definition/module.ts'
import { uriParams, type UriParams } from './uri/params.ts'

export const uri = defineModule({
  name: 'uri',
  summary: 'Asks a web server from the host. Another method than GET or HEAD counts as a change.',
  freeForm: 'url',
  params: uriParams,
  reads: (params: UriParams) => ({
    response: when(isSafe(params.request), () => uriKind.key(params.request)),
    ...readPrecondition(params),
  }),
  diff({ response, ...precondition }, params): Change[] {
    if (!isNeeded(precondition)) return []
    if (response === undefined)
      return [{ field: 'request', before: null, after: describeRequest(params), transient: true }]
    demand(response, params)
    return []
  },
  apply: (_changes, params): Step[] => [
    {
      script: demandStatus(params.request, params.statuses),
      writes: [{ type: 'scope', scope: 'anything', until: `${describeRequest(params)} is sent` }],
    },
  ],
  result({ params, state, outputs: [output] }) {
    const answer =
      output === undefined
        ? state.response
        : output.code === 0
          ? parseResponses(output.stdout, [params.request])[0]
          : undefined
    return answer === undefined || 'problem' in answer ? {} : describeResponse(answer, params)
  },
})

function isSafe({ method }: HttpRequest): boolean {
  return method === 'GET' || method === 'HEAD'
}

function describeRequest({ request: { method, url } }: UriParams): string {
  return `${method} ${url}`
}

/** As Ansible says it. */
const noResponse = -1

function demand(answer: HttpResponse | HttpProblem, params: UriParams): void {
  const request = describeRequest(params)
  if ('problem' in answer)
    throw new TaskFailure(`${request}: ${answer.problem}`, { values: { status: noResponse } })
  if (!params.statuses.includes(answer.status)) {
    const wanted = params.statuses.join(' or ')
    const body = decodeBody(answer).trimEnd()
    throw new TaskFailure(
      `${request}: status ${answer.status}, not ${wanted}${body === '' ? '' : `\n${body}`}`,
      { values: describeResponse(answer, params) },
    )
  }
  if (params.return_content && answer.truncated)
    throw new TaskFailure(
      `${request}: the body has more than ${longestBody} bytes, too many for return_content`,
    )
}

/** Headers stand beside the rest, as `content_type`. */
function describeResponse(response: HttpResponse, params: UriParams): Record<string, unknown> {
  const content = decodeBody(response)
  const json = jsonOf(response, content)
  return {
    ...Object.fromEntries(
      Object.entries(response.headers).map(([name, value]) => [name.replaceAll('-', '_'), value]),
    ),
    status: response.status,
    url: response.url,
    ...(json === undefined ? {} : { json }),
    ...(params.return_content ? { content } : {}),
  }
}

function jsonOf({ headers }: HttpResponse, content: string): unknown {
  if (!/^application\/(.+\+)?json\s*(;|$)/i.test(headers['content-type'] ?? '')) return undefined
  return jsonValue(content)
}

function decodeBody({ headers, body }: HttpResponse): string {
  const charset = /;\s*charset="?([\w-]+)/i.exec(headers['content-type'] ?? '')?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(charset).decode(body)
  } catch {
    return body.toString()
  }
}
