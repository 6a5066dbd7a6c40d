import type { HttpRequest } from './value.ts'

const mostRedirects = 10

/** Returns the lines of a file for `curl --config`. */
export function curlOptions(request: HttpRequest, bodyFile: string): string[] {
  const flags = {
    silent: true,
    'show-error': true,
    // curl must not expand [1-3] and {a,b} in a URL.
    globoff: true,
    head: request.method === 'HEAD',
    location: request.followRedirects,
    insecure: !request.validateCertificates,
  }
  const values: [string, string | undefined][] = [
    ['url', request.url],
    ['proto', '=http,https'],
    ['proto-redir', '=http,https'],
    ['request', hasOwnOption(request) ? undefined : request.method],
    ['max-time', String(request.timeout)],
    ['max-redirs', String(mostRedirects)],
    ['noproxy', request.useProxy ? undefined : '*'],
    ['unix-socket', request.unixSocket],
    ['cacert', request.certificateAuthority],
    ['data-binary', request.body === undefined ? undefined : `@${bodyFile}`],
    ...request.headers.map(([name, value]): [string, string] => [
      'header',
      value === '' ? `${name};` : `${name}: ${value}`,
    ]),
    // Otherwise curl would declare every body as a form.
    ['header', request.body === undefined || namesType(request) ? undefined : 'Content-Type:'],
  ]
  return [
    ...Object.entries(flags).flatMap(([name, on]) => (on ? [name] : [])),
    ...values.flatMap(([name, value]) => (value === undefined ? [] : [`${name} = "${escapeOption(value)}"`])),
  ]
}

/**
 * Returns true if another option implies the method. curl repeats a method that is named after every redirect; otherwise
 * a POST becomes a GET after 301, 302 and 303.
 */
function hasOwnOption({ method, body }: HttpRequest): boolean {
  return method === 'GET' || method === 'HEAD' || (method === 'POST' && body !== undefined)
}

/** Returns the lines of a file for `wget --config`. */
export function wgetOptions(request: HttpRequest): string[] {
  return [
    'verbose=off',
    'server_response=on',
    'content_on_error=on',
    'tries=1',
    `timeout=${request.timeout}`,
    `max_redirect=${request.followRedirects ? mostRedirects : 0}`,
    `check_certificate=${request.validateCertificates ? 'on' : 'off'}`,
    ...(request.useProxy ? [] : ['use_proxy=off']),
    ...request.headers.map(([name, value]) => `header=${name}: ${value}`),
  ]
}

/** Returns the feature of the request that wget lacks, if there is one. */
export function featureMissingInWget(request: HttpRequest): string | undefined {
  if (request.method !== 'GET') return request.method
  if (request.unixSocket !== undefined) return 'unix_socket'
  return request.certificateAuthority === undefined ? undefined : 'ca_path'
}

function namesType({ headers }: HttpRequest): boolean {
  return headers.some(([name]) => name.toLowerCase() === 'content-type')
}

function escapeOption(value: string): string {
  return value.replaceAll(/[\\"]/g, '\\$&').replaceAll('\t', '\\t')
}
