import { resolve } from 'node:path'

import { Journal } from '../deploy/journal.ts'
import { describeReference, referenceFrom, type Reference } from '../deploy/reference.ts'
import { releaseId } from '../deploy/release-id.ts'
import { openRepository } from '../deploy/repository.ts'
import { ExitCode, UserError } from '../errors.ts'
import { codeBaseOf } from './code-base.ts'
import type { DeployCommandArguments } from './deploy.ts'
import { DeployOutcome } from './deploy-outcome.ts'
import { runDeployPlaybook } from './deploy-playbook.ts'
import { beginDeployRun, variablesOfRun } from './deploy-run.ts'
import { reporterFor } from './run-playbook.ts'
import { progressOn } from './sandbox.ts'
import type { Terminal } from './terminal.ts'

/** The whole of `hostwright deploy`: from a name of a commit to the hosts that show it. */
export async function deployFromCommandLine(
  options: DeployCommandArguments,
  terminal: Terminal,
): Promise<ExitCode> {
  const reference = referenceFrom(options)
  const run = await beginDeployRun(terminal)
  const say = progressOn(terminal)
  const folder = terminal.cwd()
  const repository = await openRepository(codeBaseOf(options, terminal), { folder, say })
  const sha = await repository.resolve(reference)
  demandExpected(reference, sha, options.expect)
  const release = releaseId(run.started, sha)
  say(
    `${describeReference(reference)} of ${repository.location.shown} is ${sha.slice(0, 10)}: release ${release}`,
  )

  const purpose = `deploy ${reference.name}`
  const variables = {
    ...variablesOfRun(run, purpose),
    deploy_new_id: release,
    deploy_reference: fullName(reference),
    deploy_revision: sha,
    deploy_repository: repository.mirror,
    deploy_cache: resolve(folder, '.hostwright', 'artifacts'),
    deploy_lock_wait: options.lockWait,
    deploy_force: options.force,
    deploy_only_newer: options.onlyNewer,
  }
  const outcome = new DeployOutcome(reporterFor(options, terminal))
  if (options.check) return runDeployPlaybook('deploy', variables, options, terminal, outcome)

  const journal = new Journal(folder)
  await journal.record({ event: 'started', run: run.id, release, reference, sha, by: run.by })
  let exitCode: ExitCode = ExitCode.bug
  try {
    exitCode = await runDeployPlaybook('deploy', variables, options, terminal, outcome)
  } catch (error) {
    exitCode = error instanceof UserError ? error.exitCode : ExitCode.bug
    throw error
  } finally {
    const seconds = (Date.now() - run.started.getTime()) / 1000
    await journal.record({ event: 'ended', run: run.id, release, exitCode, seconds, hosts: outcome.hosts() })
  }
  const switched = outcome.switched()
  if (options.onFailure !== 'revert-all' || !needsRevert(exitCode) || switched.size === 0) return exitCode
  const hosts = [...switched.keys()].join(',')
  say(`taking back ${reference.name} from ${hosts}`)
  const back = {
    ...variablesOfRun(run, `take back ${reference.name}`),
    deploy_from: [...new Set(switched.values())],
    deploy_lock_wait: 60,
  }
  const reverted = await runDeployPlaybook('rollback', back, { ...options, limit: hosts }, terminal)
  if (reverted !== ExitCode.done) return reverted
  return exitCode === ExitCode.failed ? ExitCode.rolledBack : exitCode
}

/** A deploy that was interrupted says nothing about the release. */
function needsRevert(exitCode: ExitCode): boolean {
  return exitCode === ExitCode.failed || exitCode === ExitCode.rolledBack || exitCode === ExitCode.unreachable
}

/** Whoever saw the tag somewhere saw just that commit. */
function demandExpected(reference: Reference, sha: string, expected: string | undefined): void {
  if (expected === undefined || expected === sha) return
  throw new UserError(
    `${describeReference(reference)} is ${sha.slice(0, 10)} now, and was ${expected.slice(0, 10)} when it was to be deployed`,
    { hint: 'somebody moved it: give the commit a new tag, or deploy it with --revision' },
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
