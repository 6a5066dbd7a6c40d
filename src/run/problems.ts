import { problemsIn } from '../engine/run.ts'
import { type Diagnostic, ExitCode, InvalidInputError } from '../errors.ts'
import { byPlace } from '../playbook/document/diagnostics.ts'
import type { LoadedPlaybook } from '../playbook/load-playbook.ts'
import type { Fleet } from './fleet.ts'
import type { PreparedRun } from './prepared-run.ts'

/** Throws InvalidInputError with all errors in the playbook and the hosts of its plays. */
export function throwProblems(loaded: LoadedPlaybook, fleet: Fleet): void {
  const { playbook, problems, hasGaps, registered } = loaded
  const { hosts, unmatched } = fleet.hostsOf(playbook.plays)
  if (problems.length === 0 && unmatched.length === 0) return
  const told = new Set([...problems, ...unmatched].map(lineOf))
  // missing files cause follow-on errors, which are not reported
  const others = hasGaps ? [] : problemsWithoutHost({ playbook, hosts, registered, fleet })
  const fresh = others.filter((problem) => !told.has(lineOf(problem)))
  const all = [...problems, ...unmatched, ...fresh].sort(byPlace)
  const isInvalid = problems.length + fresh.length > 0
  throw new InvalidInputError(all, isInvalid ? ExitCode.invalidInput : ExitCode.nothingMatched)
}

/** Returns the errors in tasks that can be found without a connection. */
export function problemsWithoutHost({
  playbook,
  hosts,
  registered,
  fleet,
}: PreparedRun): readonly Diagnostic[] {
  return problemsIn({ playbook, hosts, registered, variablesOf: (host) => fleet.variablesOf(host) })
}

function lineOf({ at }: Diagnostic): string {
  return `${at.file}:${at.line}`
}
