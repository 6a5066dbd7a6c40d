import { nameParam } from './parameters.ts'

/** The name of a user or group, in the form that Linux's own tools accept. A number is invalid. */
export const accountName = nameParam.refine(
  (name) => /^[A-Za-z0-9_][A-Za-z0-9_.@-]*\$?$/.test(name) && !/^\d+$/.test(name) && name.length <= 32,
  'invalid account name: use at most 32 letters, digits, _ . @ and -, and not only digits',
)
