import { resolve } from 'node:path'

import { type ExitCode, UserError } from '../errors.ts'
import { type DeployOptions, runDeployPlaybook } from './deploy-playbook.ts'
import { beginDeployRun, variablesOfRun, type DeployRun } from './deploy-run.ts'
import { journaled } from './journaled-run.ts'
import { DeployOutcome } from './outcome.ts'
import { describeReference, referenceFrom, type Reference, type ReferenceOptions } from './reference.ts'
import { releaseId } from './release-id.ts'
import { repositoryFrom, type RepositoryOptions } from './repository-option.ts'
import { openRepository } from './repository/repository.ts'
import { revertAll } from './revert-all.ts'

/** A commit that is about to be deployed. */
export interface NewRelease {
  readonly run: DeployRun
  readonly id: string
  readonly reference: Reference
  readonly sha: string
  /** The folder of the mirror that contains the commit. */
  readonly mirror: string
}

export interface NewReleaseOptions extends RepositoryOptions, ReferenceOptions {
  /** The commit that the reference must point to. */
  readonly expect?: string | undefined
  readonly onProgress: (line: string) => void
}

/** Updates the mirror of the repository, and resolves the reference in it. */
export async function findRelease(options: NewReleaseOptions): Promise<NewRelease> {
  const { folder, onProgress } = options
  const reference = referenceFrom(options)
  const run = await beginDeployRun(options.environment, folder)
  const repository = await openRepository(repositoryFrom(options), { folder, say: onProgress })
  const sha = await repository.resolve(reference)
  demandExpected(reference, sha, options.expect)
  const id = releaseId(run.started, sha)
  onProgress(
    `${describeReference(reference)} of ${repository.location.shown} is ${sha.slice(0, 10)}: release ${id}`,
  )
  return { run, id, reference, sha, mirror: repository.mirror }
}

export interface ReleaseOptions extends DeployOptions {
  readonly force: boolean
  readonly onlyNewer: boolean
  /** Seconds to wait for another deploy that holds the lock. */
  readonly lockWait: number
  readonly onFailure: 'revert-host' | 'revert-all'
}

/** Deploys a release to the hosts. */
export async function deployRelease(release: NewRelease, options: ReleaseOptions): Promise<ExitCode> {
  const { run, reference, sha } = release
  const { folder } = options
  const variables = {
    ...variablesOfRun(run, `deploy ${reference.name}`),
    deploy_new_id: release.id,
    deploy_reference: fullName(reference),
    deploy_revision: sha,
    deploy_repository: release.mirror,
    deploy_cache: resolve(folder, '.hostwright', 'artifacts'),
    deploy_lock_wait: options.lockWait,
    deploy_force: options.force,
    deploy_only_newer: options.onlyNewer,
  }
  const outcome = new DeployOutcome(options.onEvent)
  const deploy = (): Promise<ExitCode> =>
    runDeployPlaybook('deploy', variables, {
      ...options,
      onEvent: (event) => {
        outcome.handle(event)
      },
    })
  if (options.check) return deploy()
  const exitCode = await journaled(run, { release: release.id, reference, sha }, outcome, folder, deploy)
  return options.onFailure === 'revert-all'
    ? revertAll({ run, reference, exitCode, from: outcome.switched() }, options)
    : exitCode
}

/** Throws UserError if the reference was moved since the caller resolved it. */
function demandExpected(reference: Reference, sha: string, expected: string | undefined): void {
  if (expected === undefined || expected === sha) return
  throw new UserError(
    `${describeReference(reference)} was moved: it points to ${sha.slice(0, 10)}, not to ${expected.slice(0, 10)} as expected`,
    { hint: 'create a new tag for the commit, or deploy it with --revision' },
  )
}

function fullName({ kind, name }: Reference): string {
  switch (kind) {
    case 'tag':
      return `refs/tags/${name}`
    case 'branch':
      return `refs/heads/${name}`
    case 'revision':
      return ''
  }
}
