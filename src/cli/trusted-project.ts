import { ExitCode, UserError } from '../errors.ts'
import { distrustOf } from '../trusted-path.ts'

/**
 * Throws UserError where somebody else could have put there what is about to be run with the rights of this user, who
 * did not name it.
 */
export function demandTrust(path: string, what: string, hint: string): void {
  const distrust = distrustOf(path)
  if (distrust === undefined) return
  throw new UserError(`the ${what} ${path} is not used, because of ${distrust.path}: ${distrust.reason}`, {
    exitCode: ExitCode.invalidInput,
    hint: `a ${what} is code that runs with your rights. ${hint}`,
  })
}
