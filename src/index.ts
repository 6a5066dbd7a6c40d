/** The library: `import { check, run } from 'hostwright'`. The command line is its first client. */
export type {
  CommandOutput,
  CommandsShown,
  HandlersPending,
  HostBusy,
  HostCounts,
  ItemResult,
  PlayStarted,
  Recap,
  RunEvent,
  RunStarted,
  TaskFinished,
  TaskStarted,
  TaskStatus,
  Warning,
} from './engine/event.ts'
export type { RunSummary } from './engine/run-summary.ts'
export {
  ConnectionError,
  type Diagnostic,
  ExitCode,
  InvalidInputError,
  NothingMatchedError,
  type Position,
  UserError,
} from './errors.ts'
export type { Change } from './modules/definition/change.ts'
export type { ConnectionOptions, RunOptions, RunSurroundings, SandboxOptions } from './run/options.ts'
export { check, run } from './run/run.ts'
export type { Ask } from './target/settings.ts'
export { Secrets } from './variables/secrets/secrets.ts'
