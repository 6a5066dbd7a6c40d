/** Exit codes of the command, the same for every command. */
export const ExitCode = {
  done: 0,
  failed: 1,
  changesPending: 2,
  rolledBack: 3,
  unreachable: 4,
  stalePlan: 5,
  locked: 6,
  usage: 64,
  invalidInput: 65,
  nothingMatched: 66,
  bug: 70,
  outputFailed: 74,
  interrupted: 130,
  outputClosed: 141,
} as const

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

/** A position in a file of the user. Line and column count from 1. */
export interface Position {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** An error at a position in a file, with a hint if there is one. */
export interface Diagnostic {
  readonly at: Position
  readonly message: string
  /** e.g. "did you mean 'nginx'?" */
  readonly hint?: string
}

export interface UserErrorOptions {
  readonly exitCode?: ExitCode
  /** One imperative sentence that says how to fix the error. */
  readonly hint?: string
  readonly cause?: unknown
}

/**
 * An error that the user can fix: printed as a message, without a stack trace. Any other error is a bug in
 * Hostwright.
 */
export class UserError extends Error {
  override name = 'UserError'
  readonly exitCode: ExitCode
  readonly hint: string | undefined

  constructor(message: string, options: UserErrorOptions = {}) {
    super(message, { cause: options.cause })
    this.exitCode = options.exitCode ?? ExitCode.failed
    this.hint = options.hint
  }
}

/** An invalid command line. */
export class UsageError extends UserError {
  override name = 'UsageError'

  constructor(message: string, hint?: string) {
    super(message, { exitCode: ExitCode.usage, ...(hint === undefined ? {} : { hint }) })
  }
}

/** A pattern, limit, tag or path that matched nothing. */
export class NothingMatchedError extends UserError {
  override name = 'NothingMatchedError'

  constructor(message: string, hint?: string) {
    super(message, { exitCode: ExitCode.nothingMatched, ...(hint === undefined ? {} : { hint }) })
  }
}

/** All errors in the playbook, the inventory and the files with variables. */
export class InvalidInputError extends UserError {
  override name = 'InvalidInputError'
  readonly diagnostics: readonly Diagnostic[]

  constructor(diagnostics: readonly Diagnostic[], exitCode: ExitCode = ExitCode.invalidInput) {
    super(diagnostics.map(describeDiagnostic).join('\n'), { exitCode })
    this.diagnostics = diagnostics
  }
}

/** A state of the host that makes a task impossible: no such unit, a directory instead of a file. */
export class TaskFailure extends UserError {
  override name = 'TaskFailure'
  /** The values that `register` still gets, such as the status of an unexpected response. */
  readonly values: Readonly<Record<string, unknown>>

  constructor(
    message: string,
    options: UserErrorOptions & { values?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message, options)
    this.values = options.values ?? {}
  }
}

/** The reason why a host is unreachable. */
export type ConnectionProblem =
  | 'address'
  | 'refused'
  | 'timeout'
  | 'unknown-host-key'
  | 'changed-host-key'
  | 'authentication'
  | 'become'
  | 'lost'

/** A connection to a host that failed or was lost. */
export class ConnectionError extends UserError {
  override name = 'ConnectionError'
  readonly host: string
  readonly problem: ConnectionProblem

  constructor(
    host: string,
    problem: ConnectionProblem,
    message: string,
    options: Omit<UserErrorOptions, 'exitCode'> = {},
  ) {
    super(message, { ...options, exitCode: ExitCode.unreachable })
    this.host = host
    this.problem = problem
  }
}

/** "site.yml:3:5" */
export function describePosition(at: Position): string {
  return `${at.file}:${at.line}:${at.column}`
}

function describeDiagnostic(diagnostic: Diagnostic): string {
  const hint = diagnostic.hint === undefined ? '' : ` (${diagnostic.hint})`
  return `${describePosition(diagnostic.at)}: ${diagnostic.message}${hint}`
}

/** Returns the message of what was thrown, to follow a colon. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
