import { dirname } from 'node:path'

import { ExitCode, UserError } from '../errors.ts'
import { distrustOf } from '../trusted-path.ts'

/**
 * Throws UserError where somebody else could have put there what is about to be run with the rights of this user, who
 * did not name it.
 */
export function demandTrust(path: string, what: string, hint: string): void {
  const distrust = distrustOf(path)
  if (distrust === undefined) return
  const place = distrust.path === path ? '' : `${distrust.path}: `
  throw new UserError(`the ${what} ${path} is not used: ${place}${distrust.reason}`, {
    exitCode: ExitCode.invalidInput,
    hint: `its content is code that runs with your rights. ${hint}. If only you use this machine, such as a container, set HOSTWRIGHT_TRUSTED_FOLDER=${dirname(path)}`,
  })
}
