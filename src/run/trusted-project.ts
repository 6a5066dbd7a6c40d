import { dirname } from 'node:path'

import { ExitCode, UserError } from '../errors.ts'
import { distrustOf } from '../trusted-path.ts'

/** Throws UserError if another user could have changed a file or folder that is about to be used without being named. */
export function demandTrust(path: string, what: string, hint: string): void {
  const distrust = distrustOf(path)
  if (distrust === undefined) return
  const place = distrust.path === path ? '' : `${distrust.path}: `
  throw new UserError(`the ${what} ${path} is not trusted: ${place}${distrust.reason}`, {
    exitCode: ExitCode.invalidInput,
    hint: `${hint}: its content is code that runs with your rights. If only you use this machine, such as a container, set HOSTWRIGHT_TRUSTED_FOLDER=${dirname(path)}`,
  })
}
