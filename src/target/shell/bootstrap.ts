import { program } from './shell-program.ts'

/**
 * What `sh -c` gets on the host: constant, so sudo's log shows nothing else, and one line without single quotes,
 * `!` and backslash, so fish and csh pass it on unchanged. The marker is put together by printf: a login script
 * that prints the command it was given doesn't print the marker. A line that breaks off is not run.
 */
export const bootstrap = 'printf "%s-%s;" hostwright shell; IFS= read -r l && eval "$l"'

/** The host prints it when a shell of ours is listening. */
export const marker = 'hostwright-shell;'

/** The line that the waiting bootstrap reads: the program, with its secret words, which never stand in an argument. */
export function startProgram(nonce: string, directory: string): string {
  // an exported variable of the same name would hand it on to every script
  return `unset nonce directory; nonce=${nonce}; directory=hostwright-${directory}; ${oneLine(program)}\n`
}

/** Line ends become `;` but where a command goes on. */
function oneLine(script: string): string {
  const lines = script
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  const goesOn = /(?:^|\s)(?:then|do|else|in)$|[{;&|]$|^[\w*]+\)$/
  return lines.map((line) => (goesOn.test(line) ? `${line} ` : `${line}; `)).join('')
}
