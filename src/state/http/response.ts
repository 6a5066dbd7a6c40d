import { lines } from '../parse/sections.ts'
import { longestBody } from './request.ts'
import type { HttpRequest } from './value.ts'

export interface HttpResponse {
  readonly status: number
  /** The URL after all redirects. */
  readonly url: string
  /** The headers by lowercase name. Repeated headers are joined by commas. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** True if the body exceeds the limit. */
  readonly truncated?: true
}

/** The reason why there is no response. */
export interface HttpProblem {
  readonly problem: string
}

/** Parses the output of the client for each request. */
export function parseResponses(
  output: string,
  requests: readonly Pick<HttpRequest, 'url' | 'method'>[],
): (HttpResponse | HttpProblem)[] {
  const parts: string[][] = []
  for (const line of lines(output)) {
    if (line === '== response') parts.push([])
    else if (parts.length === 0) throw new Error(`output before a response: ${line}`)
    else parts.at(-1)?.push(line)
  }
  if (parts.length !== requests.length)
    throw new Error(`${parts.length} responses to ${requests.length} requests`)
  return requests.map((request, index) => parseResponse(parts[index] ?? [], request))
}

function parseResponse(
  [base64 = '', code = '', ...rest]: readonly string[],
  { url, method }: Pick<HttpRequest, 'url' | 'method'>,
): HttpResponse | HttpProblem {
  if (!/^code \d+$/.test(code)) throw new Error(`unexpected exit code of an HTTP client: ${code}`)
  // For HEAD, curl prints the headers as the body.
  const body = method === 'HEAD' ? Buffer.alloc(0) : Buffer.from(base64, 'base64')
  const truncated = body.length > longestBody
  const blocks = headerBlocks(rest.filter((line) => line.startsWith('< ')).map((line) => line.slice(2)))
  const last = blocks.at(-1)
  const problem = code === 'code 0' || truncated ? '' : problemOf(rest)
  if (last === undefined || problem !== '')
    return { problem: problem || `the HTTP client exited with ${code}` }
  return {
    status: last.status,
    url: blocks.reduce((from, { headers }) => followed(from, headers['location']), url),
    headers: last.headers,
    body: body.subarray(0, longestBody),
    ...(truncated ? { truncated } : {}),
  }
}

/** Returns the errors of the client. */
function problemOf(rest: readonly string[]): string {
  return rest
    .filter((line) => line.startsWith('! '))
    .map((line) => line.slice(2).replace(/^(curl|wget): (\(\d+\) )?/, ''))
    .join('\n')
}

interface HeaderBlock {
  readonly status: number
  readonly headers: Record<string, string>
}

/** Splits the headers by response: redirects and 100 Continue have their own. */
function headerBlocks(headerLines: readonly string[]): HeaderBlock[] {
  const blocks: HeaderBlock[] = []
  for (const line of headerLines) {
    const status = /^HTTP\/[\d.]+ (\d{3})(?: |$)/.exec(line)?.[1]
    const name = /^[^:\s]+(?=:)/.exec(line)?.[0] ?? ''
    const value = line.slice(name.length + 1).trim()
    const headers = blocks.at(-1)?.headers
    if (status !== undefined) blocks.push({ status: Number(status), headers: {} })
    else if (headers !== undefined && name !== '') {
      const key = name.toLowerCase()
      headers[key] = headers[key] === undefined ? value : `${headers[key]}, ${value}`
    } else if (line.trim() !== '') throw new Error(`invalid header: ${line}`)
  }
  return blocks
}

function followed(from: string, location: string | undefined): string {
  return location !== undefined && URL.canParse(location, from) ? new URL(location, from).href : from
}
