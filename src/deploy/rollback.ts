import type { DeployArguments } from '../cli/options/deploy-options.ts'
import { reporterFor } from '../cli/run-playbook.ts'
import type { Terminal } from '../cli/terminal.ts'
import type { ExitCode } from '../errors.ts'
import { runDeployPlaybook } from './deploy-playbook.ts'
import { variablesOfRun, type DeployRun } from './deploy-run.ts'
import { journaled } from './journaled-run.ts'
import { DeployOutcome } from './outcome.ts'

/** Runs playbooks/rollback.yml, and writes it down unless it is dry. @param purpose what the lock says it is for */
export async function rollBack(
  run: DeployRun,
  purpose: string,
  variables: Readonly<Record<string, unknown>>,
  options: DeployArguments,
  terminal: Terminal,
): Promise<ExitCode> {
  const outcome = new DeployOutcome(reporterFor(options, terminal))
  const given = { ...variablesOfRun(run, purpose), ...variables }
  const work = (): Promise<ExitCode> => runDeployPlaybook('rollback', given, options, terminal, outcome)
  return options.check ? work() : journaled(run, { purpose }, outcome, terminal.cwd(), work)
}
