import { UsageError } from '../../errors.ts'

/** The user name and password of a URL. */
export interface Credentials {
  /** The URL without them. */
  readonly url: string
  readonly user: string
  readonly password: string | undefined
  /** The values to mask in all output, both percent-encoded as in the URL and decoded. */
  readonly secrets: readonly string[]
}

const authority = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)@([^/?#@]*)/i

/**
 * Returns undefined if the URL has no credentials, or only the user name of an SSH login. Throws UsageError if git
 * cannot use them.
 */
export function credentialsIn(address: string): Credentials | undefined {
  const [matched, scheme = '', userInfo = '', host = ''] = authority.exec(address) ?? []
  if (matched === undefined) return undefined
  const isHttp = /^https?$/i.test(scheme)
  if (!isHttp && !userInfo.includes(':')) return undefined
  if (!isHttp)
    throw new UsageError(
      `the repository URL has a password, which ${scheme} does not use`,
      'remove the password from the URL; SSH logs in with a key',
    )
  const colon = userInfo.indexOf(':')
  const user = colon === -1 ? userInfo : userInfo.slice(0, colon)
  const password = colon === -1 ? undefined : userInfo.slice(colon + 1)
  return {
    url: `${scheme}://${host}${address.slice(matched.length)}`,
    user: decoded(user),
    password: password === undefined ? undefined : decoded(password),
    secrets: secretsOf(userInfo, user, password),
  }
}

/** Removes user names and passwords, which may be tokens, from the URLs in a text. */
export function withoutCredentials(text: string): string {
  return text
    .replaceAll(/(https?:\/\/)[^/?#\s'"]*@/gi, '$1')
    .replaceAll(/([a-z][a-z+]*:\/\/[^/:@\s'"]+):[^/?#\s'"]*@/gi, '$1@')
}

/** A user name without a password may be a token, but masking a short one would garble other output. */
function secretsOf(userInfo: string, user: string, password: string | undefined): string[] {
  const parts = password === undefined ? (user.length < 8 ? [] : [user]) : [password]
  const pieces = userInfo.includes('@') ? userInfo.split(/[:@]/).filter((piece) => piece.length >= 4) : []
  const spelled = [...parts, ...pieces]
  return [...new Set([...spelled, ...spelled.map(decoded)])].filter((value) => value !== '')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
