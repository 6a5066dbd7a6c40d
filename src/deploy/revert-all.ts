import { ExitCode } from '../errors.ts'
import type { DeployOptions } from './deploy-playbook.ts'
import type { DeployRun } from './deploy-run.ts'
import type { Reference } from './reference.ts'
import { rollBack } from './rollback.ts'

interface FailedDeploy {
  readonly run: DeployRun
  readonly reference: Reference
  readonly exitCode: ExitCode
  /** The hosts on which the release is live, each with the id that it has there. */
  readonly from: ReadonlyMap<string, string>
}

/** Rolls back the other hosts after a deploy that failed on one of them. Returns the exit code of both together. */
export async function revertAll(
  { run, reference, exitCode, from }: FailedDeploy,
  options: DeployOptions,
): Promise<ExitCode> {
  if (from.size === 0 || !isFailure(exitCode)) return exitCode
  const hosts = [...from.keys()]
  options.onProgress?.(`rolling back ${reference.name} on ${hosts.join(', ')}`)
  // with another run id: if the deploy could not release its lock, the rollback waits until the lock is stale
  const own = { ...run, id: `${run.id}-back`, started: new Date() }
  const variables = { deploy_from: [...new Set(from.values())], deploy_lock_wait: 60 }
  const limited = { ...options, limit: hosts.join(',') }
  const reverted = await rollBack(own, `roll back ${reference.name}`, variables, limited)
  if (reverted !== ExitCode.done) return reverted
  return exitCode === ExitCode.failed ? ExitCode.rolledBack : exitCode
}

/** Returns false if the deploy was interrupted or locked: then the release itself may be fine. */
function isFailure(exitCode: ExitCode): boolean {
  return exitCode === ExitCode.failed || exitCode === ExitCode.rolledBack || exitCode === ExitCode.unreachable
}
