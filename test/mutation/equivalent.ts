import type { Mutation } from './mutation.ts'

/** A mutation that no test can notice: what it makes of the program behaves alike. */
interface Equivalent {
  readonly file: string
  /** The line in which the mutation begins. */
  readonly code: string
  readonly change: string
  readonly reason: string
}

const equivalents: readonly Equivalent[] = [
  {
    file: 'src/modules/deploy_artifact.ts',
    code: 'const packing = 2',
    change: '2 -> 3',
    reason: 'any number that no earlier version had will do',
  },
  {
    file: 'src/variables/secrets/masker.ts',
    code: 'if (text.length > longestKnown) return this.#replace(text)',
    change:
      'if (text.length > longestKnown) return this.#replace(text) -> if (!(text.length > longestKnown)) return this.#replace(text)',
    reason: 'it decides only which results are kept',
  },
  {
    file: 'src/variables/ejs/parse.ts',
    code: 'const options = { ecmaVersion: 2023, preserveParens: true } as const',
    change: '2023 -> 2024',
    reason: 'ECMAScript 2024 adds the v flag of regular expressions, which every supported Node.js runs',
  },
]

export function isEquivalent({ file, code, change }: Mutation): boolean {
  return equivalents.some((one) => one.file === file && one.code === code && one.change === change)
}
