export interface HttpRequest {
  readonly method: string
  readonly url: string
  readonly headers: readonly (readonly [string, string])[]
  readonly followRedirects: boolean
  /** Seconds for all of it. */
  readonly timeout: number
  readonly validateCertificates: boolean
  readonly useProxy: boolean
  readonly unixSocket?: string
  readonly certificateAuthority?: string
  readonly body?: string
}
