import { ExitCode, UserError } from '../errors.ts'
import type { DeployRun } from './deploy-run.ts'
import { Journal, type DeployStarted, type RollbackStarted } from './journal.ts'
import type { DeployOutcome } from './outcome.ts'

/** What a run is about to do. */
type Intent = Pick<DeployStarted, 'release' | 'reference' | 'sha'> | Pick<RollbackStarted, 'purpose'>

/** Deploys or takes back, with a line in the journal of the controller before and one after, whatever it comes to. */
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
