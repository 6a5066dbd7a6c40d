import { TaskFailure } from '../errors.ts'
import { demandStatus, longestBody } from '../state/http/request.ts'
import { parseResponses, type HttpProblem, type HttpResponse } from '../state/http/response.ts'
import type { HttpRequest } from '../state/http/value.ts'
import { jsonValue } from '../state/parse/json-object.ts'
import { uri as uriKind } from '../state/uri.ts'
import { defined } from '../text/defined.ts'
import { isNeeded, type Precondition, readPrecondition } from './command/creates-removes.ts'
import type { Change } from './definition/change.ts'
import { defineModule, when, type Step } from './definition/module.ts'
import { uriParams, type UriParams } from './uri/params.ts'

export const uri = defineModule({
  name: 'uri',
  summary: 'Sends an HTTP request from the host.',
  documentation: () => ({
    parameters: {
      url: 'Address, which begins with `http://` or `https://`.',
      method: 'Method of the request; every method except GET and HEAD counts as a change.',
      headers: 'Request headers, by their names.',
      body: 'Body of the request, for methods other than GET and HEAD.',
      body_format:
        'Format of the body: `json` and `form-urlencoded` encode a list or mapping, and set the content type.',
      status_code: 'Status codes of a successful response; a number, or several.',
      return_content:
        'Registers the body of the response as `content`, up to 1 MiB; JSON is registered as `json` in any case.',
      follow_redirects:
        'Follows redirects: `all` (or `yes`), `none` (or `no`), or `safe` (only for requests without a body).',
      timeout: 'Seconds to wait for the response.',
      validate_certs: 'Verifies the certificate of the server.',
      ca_path:
        'Absolute path on the host of a file with the certificates of trusted authorities; needs curl.',
      use_proxy: "Uses the proxy in the host's environment variables.",
      unix_socket: 'Absolute path of a socket on the host to connect to; needs curl.',
      http_agent: 'Value of the User-Agent header.',
      url_username: 'User name for basic authentication, sent with the first request.',
      url_password: 'Password for basic authentication.',
      force_basic_auth:
        'Accepted for compatibility, without effect: a login is always sent with the first request.',
      creates: 'Absolute path or pattern; if it exists, no request is sent.',
      removes: 'Absolute path or pattern; if it does not exist, no request is sent.',
    },
    checkMode:
      'GET and HEAD requests are sent, if no earlier task would change anything; otherwise unknown. Other methods are not sent: they count as changed, and the response is unknown to later tasks.',
    example: `- name: Check that the shop answers
  uri:
    url: http://127.0.0.1/health
    headers:
      Host: shop.example.com
    return_content: true
  register: health
  until: health.status === 200
  retries: 5
  delay: 1`,
  }),
  freeForm: 'url',
  params: uriParams,
  reads: (params: UriParams) => ({
    response: when(isSafe(params.request), () =>
      uriKind.key({ ...params.request, ...defined(preconditionOf(params)) }),
    ),
    ...readPrecondition(params),
  }),
  diff({ response, ...precondition }, params): Change[] {
    if (!isNeeded(precondition)) return []
    if (response === undefined)
      return [{ field: 'request', before: null, after: describeRequest(params), transient: true }]
    if (!('notSent' in response)) demand(response, params)
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
    return answer === undefined || 'problem' in answer || 'notSent' in answer
      ? {}
      : describeResponse(answer, params)
  },
})

function preconditionOf({ creates, removes }: UriParams): Precondition {
  return { creates, removes }
}

function isSafe({ method }: HttpRequest): boolean {
  return method === 'GET' || method === 'HEAD'
}

function describeRequest({ request: { method, url } }: UriParams): string {
  return `${method} ${url}`
}

/** The status that Ansible registers without a response. */
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
      `${request}: the body is longer than ${longestBody} bytes, too long for return_content`,
    )
}

/** Returns the registered fields, including the headers, e.g. `content_type`. */
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
