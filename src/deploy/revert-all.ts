import { ExitCode } from '../errors.ts'
import type { DeployOptions } from './deploy-playbook.ts'
import type { DeployRun } from './deploy-run.ts'
import type { Reference } from './reference.ts'
import { rollBack } from './rollback.ts'

interface FailedDeploy {
  readonly run: DeployRun
  readonly reference: Reference
  /** With what it ended. */
  readonly exitCode: ExitCode
  /** The hosts that show the release nevertheless, each with the id that it has there. */
  readonly from: ReadonlyMap<string, string>
}

/** After a deploy that failed on one host, the others go back to what they had as well. Returns with what all of it ends. */
export async function revertAll(
  { run, reference, exitCode, from }: FailedDeploy,
  options: DeployOptions,
): Promise<ExitCode> {
  if (from.size === 0 || !saysSomething(exitCode)) return exitCode
  const hosts = [...from.keys()]
  options.onProgress?.(`taking back ${reference.name} from ${hosts.join(', ')}`)
  // a run of its own: where the deploy could not give back its lock, this one waits until that is stale
  const own = { ...run, id: `${run.id}-back`, started: new Date() }
  const variables = { deploy_from: [...new Set(from.values())], deploy_lock_wait: 60 }
  const limited = { ...options, limit: hosts.join(',') }
  const reverted = await rollBack(own, `take back ${reference.name}`, variables, limited)
  if (reverted !== ExitCode.done) return reverted
  return exitCode === ExitCode.failed ? ExitCode.rolledBack : exitCode
}

/** About the release, that is: a deploy that was interrupted or locked says nothing. */
function saysSomething(exitCode: ExitCode): boolean {
  return exitCode === ExitCode.failed || exitCode === ExitCode.rolledBack || exitCode === ExitCode.unreachable
}
