import { resolve } from 'node:path'

import type { DeployCommandArguments } from '../cli/commands/deploy.ts'
import { progressOn } from '../cli/commands/sandbox.ts'
import { reporterFor } from '../cli/run-playbook.ts'
import type { Terminal } from '../cli/terminal.ts'
import { type ExitCode, UserError } from '../errors.ts'
import { runDeployPlaybook } from './deploy-playbook.ts'
import { beginDeployRun, variablesOfRun } from './deploy-run.ts'
import { journaled } from './journaled-run.ts'
import { DeployOutcome } from './outcome.ts'
import { describeReference, referenceFrom, type Reference } from './reference.ts'
import { releaseId } from './release-id.ts'
import { codeBaseOf } from './repository-option.ts'
import { openRepository } from './repository/repository.ts'
import { takeBack } from './revert-all.ts'

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

  const variables = {
    ...variablesOfRun(run, `deploy ${reference.name}`),
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
  const deploy = (): Promise<ExitCode> => runDeployPlaybook('deploy', variables, options, terminal, outcome)
  if (options.check) return deploy()
  const exitCode = await journaled(run, { release, reference, sha }, outcome, folder, deploy)
  return options.onFailure === 'revert-all'
    ? takeBack({ run, reference, exitCode, from: outcome.switched() }, options, terminal)
    : exitCode
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
