import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { $ } from 'zx'

import { type RepositoryLocation, locateRepository } from '../../src/deploy/repository/repository-location.ts'

const ada = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_AUTHOR_DATE: '2026-01-02T03:04:05Z',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
  GIT_COMMITTER_DATE: '2026-01-02T03:04:05Z',
}

/** A repository with a working tree, and a working directory to deploy from, in one temporary folder. */
export class CodeBase {
  readonly root: string
  readonly checkout: string
  /** The working directory of hostwright. */
  readonly folder: string
  #commits = 0

  private constructor(root: string) {
    this.root = root
    this.checkout = join(root, 'shop')
    this.folder = join(root, 'infra')
  }

  static async make(): Promise<CodeBase> {
    const codeBase = new CodeBase(await mkdtemp(join(tmpdir(), 'hostwright-deploy-')))
    await $({ quiet: true })`mkdir ${codeBase.checkout} ${codeBase.folder}`
    await codeBase.git('init', '--quiet', '--initial-branch=main')
    return codeBase
  }

  get location(): RepositoryLocation {
    return locateRepository(this.checkout, this.folder)
  }

  /** Runs git in the working tree, as Ada. */
  async git(...args: readonly string[]): Promise<string> {
    const { stdout } = await $({
      quiet: true,
      cwd: this.checkout,
      env: { ...process.env, ...ada },
    })`git ${args}`
    return stdout.trim()
  }

  /** Adds a commit. @returns its hash */
  async commit(): Promise<string> {
    this.#commits += 1
    await this.git('commit', '--quiet', '--allow-empty', '-m', `Change ${this.#commits}`)
    return this.git('rev-parse', 'HEAD')
  }

  /** Adds a commit and tags it. @returns the commit's hash */
  async release(tag: string): Promise<string> {
    const sha = await this.commit()
    await this.git('tag', '--annotate', '-m', tag, '--force', tag)
    return sha
  }

  async remove(): Promise<void> {
    await rm(this.root, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** Hides the git configuration of the user from the tests of the surrounding `describe`. */
export function withoutGitConfiguration(): void {
  const names = ['GIT_CONFIG_GLOBAL', 'GIT_CONFIG_SYSTEM'] as const
  const configured = names.map((name) => [name, process.env[name]] as const)
  before(() => {
    for (const name of names) process.env[name] = '/dev/null'
  })
  after(() => {
    for (const [name, value] of configured) {
      if (value === undefined) Reflect.deleteProperty(process.env, name)
      else process.env[name] = value
    }
  })
}

/** Returns the error of a promise that must be rejected. */
export async function failureOf(work: Promise<unknown>): Promise<Error & { hint?: string }> {
  try {
    await work
  } catch (error) {
    if (error instanceof Error) return error
    throw error
  }
  throw new Error('it did not fail')
}
