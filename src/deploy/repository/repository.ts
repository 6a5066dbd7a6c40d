import { join } from 'node:path'

import { NothingMatchedError, UserError } from '../../errors.ts'
import { withLock } from '../../process-lock.ts'
import { nearestNames } from '../../text/did-you-mean.ts'
import type { Reference } from '../reference.ts'
import { kept, makeFolderOf, onDisk } from '../state-folder.ts'
import { git, gitWith, tryGit } from './git.ts'
import type { RepositoryLocation } from './repository-location.ts'
import type { SigningKeys } from './signing-keys.ts'
import { verifySignature } from './tag-signature.ts'

export interface RepositoryOptions {
  /** The working directory; mirrors are in its `.hostwright`. */
  readonly folder: string
  /** Reports progress. */
  readonly say: (line: string) => void
  readonly signal?: AbortSignal | undefined
}

/** Updates the mirror of a repository, and returns a snapshot of it. */
export async function openRepository(
  location: RepositoryLocation,
  { folder, say, signal }: RepositoryOptions,
): Promise<Repository> {
  const mirror = kept(folder, 'mirrors', `${location.id}.git`)
  await onDisk('create the mirror', () => makeFolderOf(join(mirror, 'HEAD')))
  return withLock(
    `${mirror}.lock`,
    async () => {
      await git(['init', '--quiet', '--bare', '--template=', mirror])
      if ((await readRefs(mirror)).size === 0)
        say(`fetching the full history of ${location.shown}; later runs fetch only new commits`)
      await fetch(mirror, location, signal)
      return new Repository(location, mirror, await readRefs(mirror))
    },
    {
      onWait: () => {
        say(`waiting for another run that is fetching ${location.shown}`)
      },
      ...(signal === undefined ? {} : { signal }),
    },
  )
}

/** A snapshot of a repository, backed by its mirror on the controller. */
export class Repository {
  readonly location: RepositoryLocation
  /** The folder of the bare mirror. */
  readonly mirror: string
  readonly #refs: ReadonlyMap<string, string>

  /** @param refs the object of each ref, by its full name */
  constructor(location: RepositoryLocation, mirror: string, refs: ReadonlyMap<string, string>) {
    this.location = location
    this.mirror = mirror
    this.#refs = refs
  }

  /** Returns the full hash of the commit that the reference points to. */
  async resolve(reference: Reference): Promise<string> {
    switch (reference.kind) {
      case 'tag':
      case 'branch':
        return this.#peel(reference)
      case 'revision':
        return this.#commit(reference.name)
    }
  }

  /**
   * Checks that the tag is signed with one of the keys, and throws SignatureError if it is not.
   * @returns git's description of the signature
   */
  async verifyTag(name: string, keys: SigningKeys): Promise<string> {
    const object = this.#objectOf({ kind: 'tag', name })
    return verifySignature({ name, object, mirror: this.mirror }, keys)
  }

  async #peel(reference: Reference): Promise<string> {
    const object = this.#objectOf(reference)
    const { exitCode, stdout } = await this.#try('rev-parse', '--verify', '--quiet', `${object}^{commit}`)
    if (exitCode === 0) return stdout.trim()
    throw new UserError(
      `${this.location.shown}: ${reference.kind} '${reference.name}' does not point to a commit`,
    )
  }

  #objectOf(reference: Reference): string {
    const object = this.#refs.get(fullName(reference.kind, reference.name))
    if (object !== undefined) return object
    throw new NothingMatchedError(
      `${this.location.shown} has no ${reference.kind} '${reference.name}'`,
      this.#advice(reference),
    )
  }

  #advice({ kind, name }: Reference): string {
    const other = kind === 'tag' ? 'branch' : 'tag'
    if (this.#refs.has(fullName(other, name))) return `use --${other} ${name}: a ${other} has this name`
    const prefix = fullName(kind, '')
    const names = [...this.#refs.keys()]
      .filter((ref) => ref.startsWith(prefix))
      .map((ref) => ref.slice(prefix.length))
    const kinds = kind === 'tag' ? 'tags' : 'branches'
    if (names.length === 0) return `push the ${kind}: the repository has no ${kinds}`
    return `check the name; similar ${kinds}: ${nearestNames(name, names).join(', ')}`
  }

  /** Does not use plain `rev-parse`, which prefers a branch whose name looks like an abbreviated hash. */
  async #commit(prefix: string): Promise<string> {
    const objects = (await this.#git('rev-parse', `--disambiguate=${prefix}`)).split('\n')
    const commits: string[] = []
    for (const object of objects.filter((line) => line !== ''))
      if ((await this.#git('cat-file', '-t', object)) === 'commit') commits.push(object)
    const [commit, another] = commits
    if (commit === undefined)
      throw new NothingMatchedError(
        `${this.location.shown} has no commit ${prefix}`,
        'push the commit: only commits on branches and tags of the repository are found',
      )
    if (another !== undefined)
      throw new UserError(`revision ${prefix} is ambiguous: ${commits.length} commits start with it`, {
        hint: `give more digits of the hash:\n${await this.#git('log', '--no-walk', '--format=%h %cs %s', ...commits)}`,
      })
    return commit
  }

  #git(...args: readonly string[]): Promise<string> {
    return git(args, { repository: this.mirror })
  }

  #try(...args: readonly string[]): ReturnType<typeof tryGit> {
    return tryGit(args, { repository: this.mirror })
  }
}

function fullName(kind: Reference['kind'], name: string): string {
  return `refs/${kind === 'tag' ? 'tags' : 'heads'}/${name}`
}

/** Fetches all branches and tags, also from a shallow clone such as the checkout of a CI job. */
async function fetch(
  mirror: string,
  location: RepositoryLocation,
  signal: AbortSignal | undefined,
): Promise<void> {
  const options = ['--quiet', '--force', '--prune', '--no-tags', '--update-shallow', '--no-write-fetch-head']
  const refs = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*']
  await gitWith(location, (address) => ['fetch', ...options, '--', address, ...refs], {
    repository: mirror,
    signal,
  })
}

async function readRefs(mirror: string): Promise<Map<string, string>> {
  const listing = await git(
    ['for-each-ref', '--format=%(objectname) %(refname)', 'refs/heads', 'refs/tags'],
    {
      repository: mirror,
    },
  )
  const refs = new Map<string, string>()
  for (const line of listing.split('\n')) {
    const blank = line.indexOf(' ')
    if (blank !== -1) refs.set(line.slice(blank + 1), line.slice(0, blank))
  }
  return refs
}
