import type { Mutation } from './mutation.ts'

/** A mutation that no test can notice: what it makes of the program behaves alike. */
interface Equivalent {
  readonly file: string
  /** The line in which the mutation begins. */
  readonly code: string
  readonly change: string
  readonly reason: string
}

const equivalents: readonly Equivalent[] = []

export function isEquivalent({ file, code, change }: Mutation): boolean {
  return equivalents.some((one) => one.file === file && one.code === code && one.change === change)
}
