import type { ExitCode } from '../errors.ts'
import { type DeployOptions, runDeployPlaybook } from './deploy-playbook.ts'
import { variablesOfRun, type DeployRun } from './deploy-run.ts'
import { journaled } from './journaled-run.ts'
import { DeployOutcome } from './outcome.ts'

/**
 * Runs playbooks/rollback.yml, and records it in the journal unless it is a dry run.
 * @param purpose shown to other runs that find the lock taken
 */
export async function rollBack(
  run: DeployRun,
  purpose: string,
  variables: Readonly<Record<string, unknown>>,
  options: DeployOptions,
): Promise<ExitCode> {
  const outcome = new DeployOutcome(options.onEvent)
  const given = { ...variablesOfRun(run, purpose), ...variables }
  const work = (): Promise<ExitCode> =>
    runDeployPlaybook('rollback', given, {
      ...options,
      onEvent: (event) => {
        outcome.handle(event)
      },
    })
  return options.check ? work() : journaled(run, { purpose }, outcome, options.folder, work)
}
