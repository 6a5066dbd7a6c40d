import { nameParam } from './parameters.ts'

/** The name of a user or a group: what the programs of Linux accept, not a number. */
export const accountName = nameParam.refine(
  (name) => /^[A-Za-z0-9_][A-Za-z0-9_.@-]*\$?$/.test(name) && !/^\d+$/.test(name) && name.length <= 32,
  'not a name for an account: letters, digits, _ . @ and -, not only digits, at most 32',
)
