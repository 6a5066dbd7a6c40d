import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { UsageError } from '../errors.ts'
import { withoutCredentials } from './git.ts'

/** Where a code base is fetched from. */
export interface RepositoryLocation {
  /** For git: a URL or an absolute path. */
  readonly url: string
  /** The same for people, without passwords. */
  readonly shown: string
  /** A name for files that belong to this repository, the same whatever token its URL holds. */
  readonly id: string
}

/** @param given a URL, or a path seen from the folder */
export function locateRepository(given: string, folder: string): RepositoryLocation {
  if (given === '' || given.startsWith('-')) throw notARepository(given, 'give a URL or a path')
  if (/^(ext|fd)::/i.test(given))
    throw notARepository(given, 'ext:: and fd:: run commands of this machine, which no repository needs')
  const url = isRemote(given) ? given : resolve(folder, given)
  const shown = withoutCredentials(url)
  const hash = createHash('sha256').update(shown).digest('hex').slice(0, 12)
  return { url, shown, id: `${nameOf(shown)}-${hash}` }
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
