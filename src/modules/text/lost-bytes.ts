import { TaskFailure } from '../../errors.ts'

/** The character in place of bytes that are not UTF-8. */
const lost = '\uFFFD'

/** Throws TaskFailure if bytes were lost when these lines were read, because they would be lost in the file too. */
export function demandNothingLost(name: string, lines: readonly string[]): void {
  const index = lines.findIndex((line) => line.includes(lost))
  if (index !== -1)
    throw new TaskFailure(`${name}: line ${index + 1} is not UTF-8 text, and would be damaged by a change`, {
      hint: 'convert it to UTF-8 first, e.g. with iconv',
    })
}
