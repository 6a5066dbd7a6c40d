import type { ExitCode } from '../errors.ts'

/** A command says with what code it ends. */
export type Finish = (code: ExitCode) => void
