import { ExitCode, UserError } from '../errors.ts'
import type { DeployRun } from './deploy-run.ts'
import { Journal, type DeployStarted, type RollbackStarted } from './journal.ts'
import type { DeployOutcome } from './outcome.ts'

type Intent = Pick<DeployStarted, 'release' | 'reference' | 'sha'> | Pick<RollbackStarted, 'purpose'>

/** Does the work of a deploy or a rollback, and records its start and its end in the journal, also if it throws. */
export async function journaled(
  run: DeployRun,
  intent: Intent,
  outcome: DeployOutcome,
  folder: string,
  work: () => Promise<ExitCode>,
): Promise<ExitCode> {
  const journal = new Journal(folder)
  await journal.record({ event: 'started', run: run.id, ...intent, by: run.by })
  let exitCode: ExitCode = ExitCode.bug
  try {
    exitCode = await work()
    return exitCode
  } catch (error) {
    if (error instanceof UserError) exitCode = error.exitCode
    throw error
  } finally {
    const seconds = (Date.now() - run.started.getTime()) / 1000
    const [hosts, switched] = [outcome.hosts(), Object.fromEntries(outcome.switched())]
    await journal.record({ event: 'ended', run: run.id, exitCode, seconds, hosts, switched })
  }
}
