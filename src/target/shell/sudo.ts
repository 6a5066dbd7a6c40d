import { ConnectionError, UserError } from '../../errors.ts'
import type { Ending } from '../pipes.ts'
import { bootstrap } from './bootstrap.ts'

/**
 * Returns the sudo command for any login shell. LC_ALL=C makes its messages English.
 * @param prompt the password prompt of sudo; without it, sudo must not ask
 */
export function sudoCommand(host: string, user: string, prompt?: string): string {
  if (!/^[A-Za-z0-9_][\w.@-]*\$?$/.test(user)) throw new UserError(`${host}: invalid user name: ${user}`)
  const ask = prompt === undefined ? '-n' : `-S -p ${prompt}`
  return `exec env LC_ALL=C sudo -H ${ask} -u '${user}' -- sh -c '${bootstrap}'`
}

export function passwordRefused(host: string, login: string): ConnectionError {
  return problem(host, `sudo did not accept the password of ${login}`, 'check the password given for sudo')
}

/** Explains why sudo did not start the shell. */
export function describeSudoFailure(
  host: string,
  login: string,
  user: string,
  ending: Ending,
  said: string,
): ConnectionError {
  for (const [pattern, message, hint] of knownFailures) {
    if (pattern.test(said)) return problem(host, message(login, user), hint)
  }
  const how =
    ending.code !== undefined
      ? `sudo exited with code ${ending.code}`
      : ending.signal !== undefined
        ? `sudo was killed by ${ending.signal}`
        : 'sudo ran no command'
  const lines = said.trim().split('\n').slice(-5).join('\n')
  return problem(host, `${how}${lines === '' ? '' : `; it printed:\n${lines}`}`, undefined)
}

type Failure = readonly [RegExp, (login: string, user: string) => string, string | undefined]

// The messages of sudo 1.8 and 1.9 and of sudo-rs, under LC_ALL=C.
const knownFailures: readonly Failure[] = [
  [
    /sudo['\u2019]?: (?:No such file|not found|command not found)|sudo: not found/i,
    () => 'sudo is not installed',
    'install sudo, or log in as the user to become',
  ],
  [
    /must have a tty|no tty present|requiretty/i,
    (login) => `sudo requires a terminal for ${login} (requiretty)`,
    "remove 'Defaults requiretty' from the host's sudoers",
  ],
  [
    /not in the sudoers file|is not allowed to (?:run sudo|execute)|may not run sudo|I'm afraid I can't do that/i,
    (login, user) => `${login} cannot become ${user}: not allowed by the host's sudoers`,
    'add the user to sudoers on the host, or log in as another user',
  ],
  [
    /unknown user|user ['\w.@$-]+ not found/i,
    (_login, user) => `user ${user} does not exist on the host`,
    undefined,
  ],
  [
    /incorrect (?:password|authentication)|Sorry, try again|Authentication failed|(?:password|authentication) attempts/i,
    (login) => `sudo did not accept the password of ${login}`,
    'check the password given for sudo',
  ],
  [
    /a password is required|interactive authentication is required|authentication required/i,
    (login) => `sudo requires the password of ${login}`,
    'enter it with -K, or allow the user to use sudo without a password (NOPASSWD)',
  ],
]

function problem(host: string, message: string, hint: string | undefined): ConnectionError {
  return new ConnectionError(host, 'become', `${host}: ${message}`, hint === undefined ? {} : { hint })
}
