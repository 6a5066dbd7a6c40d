import { Journal } from '../deploy/journal.ts'
import type { Reference } from '../deploy/reference.ts'
import { ExitCode, UserError } from '../errors.ts'
import type { DeployOutcome } from './deploy-outcome.ts'
import type { DeployRun } from './deploy-run.ts'

interface Deploy {
  readonly run: DeployRun
  readonly reference: Reference
  readonly sha: string
  readonly release: string
}

/** Deploys, with a line in the journal of the controller before and one after, whatever it comes to. */
export async function journaled(
  { run, reference, sha, release }: Deploy,
  outcome: DeployOutcome,
  folder: string,
  deploy: () => Promise<ExitCode>,
): Promise<ExitCode> {
  const journal = new Journal(folder)
  await journal.record({ event: 'started', run: run.id, release, reference, sha, by: run.by })
  let exitCode: ExitCode = ExitCode.bug
  try {
    exitCode = await deploy()
    return exitCode
  } catch (error) {
    if (error instanceof UserError) exitCode = error.exitCode
    throw error
  } finally {
    const seconds = (Date.now() - run.started.getTime()) / 1000
    await journal.record({ event: 'ended', run: run.id, release, exitCode, seconds, hosts: outcome.hosts() })
  }
}
