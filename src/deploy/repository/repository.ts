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
  /** The working directory, below which mirrors are kept. */
  readonly folder: string
  /** Lines about what takes time. */
  readonly say: (line: string) => void
  readonly signal?: AbortSignal | undefined
}

/** Fetches what is new into the mirror. What is resolved then is what the repository had at this moment. */
export async function openRepository(
  location: RepositoryLocation,
  { folder, say, signal }: RepositoryOptions,
): Promise<Repository> {
  const mirror = kept(folder, 'mirrors', `${location.id}.git`)
  await onDisk('keep a mirror', () => makeFolderOf(join(mirror, 'HEAD')))
  return withLock(
    `${mirror}.lock`,
    async () => {
      await git(['init', '--quiet', '--bare', '--template=', mirror])
      if ((await readRefs(mirror)).size === 0)
        say(`fetching the history of ${location.shown}, once; later only what is new`)
      await fetch(mirror, location, signal)
      return new Repository(location, mirror, await readRefs(mirror))
    },
    {
      onWait: () => {
        say(`waiting for another run that fetches ${location.shown}`)
      },
      ...(signal === undefined ? {} : { signal }),
    },
  )
}

/** A code base, as its mirror on this machine has it. */
export class Repository {
  readonly location: RepositoryLocation
  /** The bare mirror; nobody's checkout, and never pushed to. */
  readonly mirror: string
  readonly #refs: ReadonlyMap<string, string>

  /** @param refs the object of each full name */
  constructor(location: RepositoryLocation, mirror: string, refs: ReadonlyMap<string, string>) {
    this.location = location
    this.mirror = mirror
    this.#refs = refs
  }

  /** The full hash of the commit that the reference stands for. */
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
   * Whether one of the keys' owners has signed the tag, and who.
   * @returns what git says about a good signature
   */
  async verifyTag(name: string, keys: SigningKeys): Promise<string> {
    const object = this.#objectOf({ kind: 'tag', name })
    return verifySignature({ name, object, mirror: this.mirror }, keys)
  }

  async #peel(reference: Reference): Promise<string> {
    const object = this.#objectOf(reference)
    const { exitCode, stdout } = await this.#try('rev-parse', '--verify', '--quiet', `${object}^{commit}`)
    if (exitCode === 0) return stdout.trim()
    throw new UserError(`${reference.kind} '${reference.name}' of ${this.location.shown} is not a commit`)
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
    if (this.#refs.has(fullName(other, name))) return `there is a ${other} of this name: --${other} ${name}`
    const prefix = fullName(kind, '')
    const names = [...this.#refs.keys()]
      .filter((ref) => ref.startsWith(prefix))
      .map((ref) => ref.slice(prefix.length))
    if (names.length === 0) return `it has no ${kind === 'tag' ? 'tags' : 'branches'} at all`
    return `the nearest: ${nearestNames(name, names).join(', ')}`
  }

  /** Never by `rev-parse`, for which a branch that is named like an abbreviated hash goes first. */
  async #commit(prefix: string): Promise<string> {
    const objects = (await this.#git('rev-parse', `--disambiguate=${prefix}`)).split('\n')
    const commits: string[] = []
    for (const object of objects.filter((line) => line !== ''))
      if ((await this.#git('cat-file', '-t', object)) === 'commit') commits.push(object)
    const [commit, another] = commits
    if (commit === undefined)
      throw new NothingMatchedError(
        `${this.location.shown} has no commit ${prefix}`,
        'only commits of its branches and tags are known; is it pushed?',
      )
    if (another !== undefined)
      throw new UserError(`${commits.length} commits begin with ${prefix}`, {
        hint: `say more of its hash:\n${await this.#git('log', '--no-walk', '--format=%h %cs %s', ...commits)}`,
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

/** Also from a shallow clone, like the checkout of a CI job. */
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
