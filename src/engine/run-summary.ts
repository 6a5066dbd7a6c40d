import type { ExitCode } from '../errors.ts'

export interface RunSummary {
  readonly exitCode: ExitCode
  /** True if a host was changed or, in a dry run, would be changed. */
  readonly changed: boolean
}
