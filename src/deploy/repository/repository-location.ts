import { createHash } from 'node:crypto'
import { resolve } from 'node:path'

import { UsageError } from '../../errors.ts'
import { secretMark, Secrets } from '../../variables/secrets/secrets.ts'
import { type Credentials, credentialsIn, withoutCredentials } from './credentials.ts'

/** The environment variable for a URL with a token, which keeps it out of the command line, which every user can read. */
export const repositoryVariable = 'HOSTWRIGHT_REPO'

/** The location of the repository to deploy from. */
export interface RepositoryLocation {
  /** A URL without user name and password, or an absolute path. */
  readonly url: string
  /** The credentials of the URL, which git gets separately. */
  readonly credentials: Credentials | undefined
  /** True if the URL is a secret or contains one, so that only git may see it. */
  readonly isSecret: boolean
  /** The URL as it is printed. */
  readonly shown: string
  /** A name for files that belong to this repository; it does not depend on the token in the URL. */
  readonly id: string
}

/**
 * @param given a URL, or a path relative to the folder
 * @param secrets the credentials of the URL are added to it
 */
export function locateRepository(given: string, folder: string, secrets = new Secrets()): RepositoryLocation {
  if (given === '' || given.startsWith('-')) throw notARepository(given, 'give a URL or a path')
  if (/^(ext|fd)::/i.test(given))
    throw notARepository(given, 'give a URL or a path; ext:: and fd:: would run commands on the controller')
  const isWholeSecret = secrets.mask(given) === secretMark
  const credentials = credentialsIn(given)
  for (const value of credentials?.secrets ?? []) secrets.add(value)

  const url = credentials?.url ?? (isRemote(given) ? given : resolve(folder, given))
  const query = /^https?:/i.test(url) ? /[?#].+$/s.exec(url)?.[0] : undefined
  if (query !== undefined) secrets.add(query)
  const open = query === undefined ? withoutCredentials(url) : url.slice(0, -query.length)
  const isSecret = isWholeSecret || query !== undefined || secrets.mask(url) !== url
  const hasSecretName = isWholeSecret || secrets.mask(open) !== open
  return {
    url,
    credentials,
    isSecret,
    shown: hasSecretName ? 'the secret repository' : open,
    id: `${hasSecretName ? 'repository' : nameOf(open)}-${digest(open)}`,
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}

/** Returns true for a colon before the first slash: this is how git recognizes a URL. */
function isRemote(given: string): boolean {
  return /^[^/]+:/.test(given)
}

function nameOf(url: string): string {
  const path = url.replace(/\/+$/, '').replace(/(\/|^)\.git$/, '')
  const name = path.split(/[/:]/).at(-1) ?? ''
  return name.replace(/\.git$/, '').replaceAll(/[^\w.-]/g, '-') || 'repository'
}

function notARepository(given: string, hint: string): UsageError {
  return new UsageError(`invalid repository ${JSON.stringify(given)}`, hint)
}
