import * as z from 'zod'

import type { HttpRequest } from '../../state/http/value.ts'
import { defined } from '../../text/defined.ts'
import type { Precondition } from '../command/creates-removes.ts'
import { parameterTypes } from '../definition/parameter-types.ts'
import { absolutePath, booleanParam, integerParam, stringList, textParam } from '../definition/parameters.ts'

export interface UriParams extends Precondition {
  readonly request: HttpRequest
  readonly statuses: readonly number[]
  readonly return_content: boolean
}

const webAddress = z.string().refine((url) => {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  return parsed !== undefined && ['http:', 'https:'].includes(parsed.protocol) && !/\s/.test(url)
}, 'expected an address that begins with http:// or https://')

const statusList = z.union([
  z.array(integerParam),
  integerParam.transform((status) => [status]),
  stringList
    .transform((words) => words.map(Number))
    .refine((statuses) => statuses.every(Number.isInteger), 'expected numbers separated by commas'),
])

parameterTypes.add(statusList, {
  name: 'list of integers',
  schema: {
    anyOf: [
      { type: 'array', items: { type: ['integer', 'string'] } },
      { type: 'integer' },
      { type: 'string', pattern: '^\\s*\\d+(\\s*,\\s*\\d+)*\\s*$' },
    ],
  },
})

const headerText = textParam.refine((text) => !/[\r\n\0]/.test(text), 'a header must be one line')

const redirects = z
  .union([z.boolean(), z.enum(['all', 'yes', 'safe', 'none', 'no'])])
  .transform((value): 'all' | 'safe' | 'none' => {
    if (value === true || value === 'yes') return 'all'
    return value === false || value === 'no' ? 'none' : value
  })

const fields = z.strictObject({
  url: webAddress,
  method: z
    .string()
    .regex(/^[A-Za-z]+$/, 'invalid HTTP method')
    .default('GET'),
  headers: z.record(z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, 'invalid header name'), headerText).default({}),
  body: z.unknown().optional(),
  body_format: z.enum(['raw', 'json', 'form-urlencoded']).default('raw'),
  status_code: statusList.default([200]),
  return_content: booleanParam.default(false),
  follow_redirects: redirects.default('safe'),
  timeout: integerParam.default(30),
  validate_certs: booleanParam.default(true),
  ca_path: absolutePath.optional(),
  use_proxy: booleanParam.default(true),
  unix_socket: absolutePath.optional(),
  http_agent: headerText.optional(),
  url_username: textParam.optional(),
  url_password: textParam.optional(),
  // a login is always sent with the first request
  force_basic_auth: booleanParam.optional(),
  creates: absolutePath.optional(),
  removes: absolutePath.optional(),
})

type Fields = z.output<typeof fields>

export const uriParams = fields.transform((given, context): UriParams => {
  const method = given.method.toUpperCase()
  const isSafe = method === 'GET' || method === 'HEAD'
  if (isSafe && given.body !== undefined)
    context.addIssue({
      code: 'custom',
      path: ['body'],
      message: `a ${method} request has no body: set another method, e.g. POST`,
    })
  const body = isSafe ? undefined : encodeBody(given)
  const { creates, removes, return_content, status_code: statuses, follow_redirects: redirect } = given
  return {
    creates,
    removes,
    return_content,
    statuses,
    request: {
      method,
      url: given.url,
      headers: headersOf(given),
      followRedirects: redirect === 'all' || (redirect === 'safe' && body === undefined),
      timeout: given.timeout,
      validateCertificates: given.validate_certs,
      useProxy: given.use_proxy,
      ...defined({ unixSocket: given.unix_socket, certificateAuthority: given.ca_path, body }),
    },
  }
})

function encodeBody({ body, body_format: format }: Fields): string {
  if (body === undefined) return ''
  if (format === 'form-urlencoded' && typeof body === 'object' && body !== null)
    return new URLSearchParams(Object.entries(body).flatMap(formFields)).toString()
  return typeof body === 'string' ? body : JSON.stringify(body)
}

function formFields([name, value]: [string, unknown]): [string, string][] {
  return (Array.isArray(value) ? (value as unknown[]) : [value]).map((one) => [name, String(one)])
}

const contentTypes = {
  raw: undefined,
  json: 'application/json',
  'form-urlencoded': 'application/x-www-form-urlencoded',
}

/** Returns the headers. Those in the playbook take precedence over generated ones. */
function headersOf(given: Fields): [string, string][] {
  const { url_username: user, url_password: password } = given
  const added: [string, string | undefined][] = [
    ['User-Agent', given.http_agent],
    ['Content-Type', given.body === undefined ? undefined : contentTypes[given.body_format]],
    [
      'Authorization',
      user === undefined ? undefined : `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}`,
    ],
  ]
  const own = new Set(Object.keys(given.headers).map((name) => name.toLowerCase()))
  return [
    ...Object.entries(given.headers),
    ...added.flatMap(([name, value]): [string, string][] =>
      value === undefined || own.has(name.toLowerCase()) ? [] : [[name, value]],
    ),
  ]
}
