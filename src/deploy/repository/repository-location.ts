import { createHash } from 'node:crypto'
import { resolve } from 'node:path'

import { UsageError } from '../../errors.ts'
import { secretMark, Secrets } from '../../variables/secrets/secrets.ts'
import { type Credentials, credentialsIn, withoutCredentials } from './credentials.ts'

/** Of the environment: an address with a token stays out of the command line, which everybody can read. */
export const repositoryVariable = 'HOSTWRIGHT_REPO'

/** Where a code base is fetched from. */
export interface RepositoryLocation {
  /** For git: a URL without user name and password, or an absolute path. */
  readonly url: string
  /** Of the URL; git gets them on their own. */
  readonly credentials: Credentials | undefined
  /** Whether nobody but git may see the URL: it is a secret, or has a part that is one. */
  readonly isSecret: boolean
  /** What people may see of it. */
  readonly shown: string
  /** A name for files that belong to this repository, the same whatever token its URL holds. */
  readonly id: string
}

/**
 * @param given a URL, or a path seen from the folder
 * @param secrets get to know the credentials of the URL
 */
export function locateRepository(given: string, folder: string, secrets = new Secrets()): RepositoryLocation {
  if (given === '' || given.startsWith('-')) throw notARepository(given, 'give a URL or a path')
  if (/^(ext|fd)::/i.test(given))
    throw notARepository(given, 'ext:: and fd:: run commands of this machine, which no repository needs')
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

/** As git itself tells URLs and paths apart: a colon before the first slash. */
function isRemote(given: string): boolean {
  return /^[^/]+:/.test(given)
}

function nameOf(url: string): string {
  const path = url.replace(/\/+$/, '').replace(/(\/|^)\.git$/, '')
  const name = path.split(/[/:]/).at(-1) ?? ''
  return name.replace(/\.git$/, '').replaceAll(/[^\w.-]/g, '-') || 'repository'
}

function notARepository(given: string, hint: string): UsageError {
  return new UsageError(`${JSON.stringify(given)} is not a repository to deploy from`, hint)
}
