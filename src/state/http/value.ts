export interface HttpRequest {
  readonly method: string
  readonly url: string
  readonly headers: readonly (readonly [string, string])[]
  readonly followRedirects: boolean
  /** The seconds for the whole request. */
  readonly timeout: number
  readonly validateCertificates: boolean
  readonly useProxy: boolean
  readonly unixSocket?: string
  readonly certificateAuthority?: string
  readonly body?: string
}
