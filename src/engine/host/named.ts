import type { Common } from '../../playbook/playbook.ts'

/** A task or an include. */
export interface Named extends Common {
  readonly module: { readonly name: string }
}
