import { program } from './shell-program.ts'

/**
 * The argument of `sh -c` on the host. It is constant, so sudo's log shows nothing else, and one line without single
 * quotes, `!` and backslashes, so fish and csh pass it on unchanged. printf assembles the marker: a login script that
 * prints its command does not print the marker. An incomplete line is not run.
 */
export const bootstrap = 'printf "%s-%s;" hostwright shell; IFS= read -r l && eval "$l"'

/** The output of the bootstrap when it waits for the program. */
export const marker = 'hostwright-shell;'

/** Returns the line that the bootstrap reads: the program and its secrets, which must not be arguments. */
export function startProgram(nonce: string, directory: string): string {
  // An exported variable of the same name would pass the secret on to every script.
  return `unset nonce directory; nonce=${nonce}; directory=hostwright-${directory}; ${oneLine(program)}\n`
}

/** Replaces line ends by `;` except inside a command. */
function oneLine(script: string): string {
  const lines = script
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  const continues = /(?:^|\s)(?:then|do|else|in)$|[{;&|]$|^[\w*]+\)$/
  return lines.map((line) => (continues.test(line) ? `${line} ` : `${line}; `)).join('')
}
