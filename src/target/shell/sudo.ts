import { ConnectionError, UserError } from '../../errors.ts'
import type { Ending } from '../pipes.ts'
import { bootstrap } from './bootstrap.ts'

/**
 * The command for a login shell of any kind. Its messages are English, whatever the host's language.
 * @param prompt how sudo asks for the password; without it, sudo may not ask
 */
export function sudoCommand(host: string, user: string, prompt?: string): string {
  if (!/^[A-Za-z0-9_][\w.@-]*\$?$/.test(user)) throw new UserError(`${host}: not a name of a user: ${user}`)
  const ask = prompt === undefined ? '-n' : `-S -p ${prompt}`
  return `exec env LC_ALL=C sudo -H ${ask} -u '${user}' -- sh -c '${bootstrap}'`
}

export function passwordRefused(host: string, login: string): ConnectionError {
  return problem(host, `sudo did not accept the password of ${login}`, 'check the password given for sudo')
}

/** What sudo means when it doesn't run our shell. */
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
      ? `sudo ended with code ${ending.code}`
      : ending.signal !== undefined
        ? `sudo was killed by ${ending.signal}`
        : 'sudo did not get as far as running a command'
  const lines = said.trim().split('\n').slice(-5).join('\n')
  return problem(host, `${how}${lines === '' ? '' : `; it printed:\n${lines}`}`, undefined)
}

type Failure = readonly [RegExp, (login: string, user: string) => string, string | undefined]

// The messages of sudo 1.8 and 1.9 and of sudo-rs, under LC_ALL=C.
const knownFailures: readonly Failure[] = [
  [
    /sudo['\u2019]?: (?:No such file|not found|command not found)|sudo: not found/i,
    () => 'sudo is not installed',
    'install it, or log in as the user that is wanted',
  ],
  [
    /must have a tty|no tty present|requiretty/i,
    (login) => `sudo wants a terminal for ${login} (requiretty)`,
    "take 'Defaults requiretty' out of the host's sudoers",
  ],
  [
    /not in the sudoers file|is not allowed to (?:run sudo|execute)|may not run sudo|I'm afraid I can't do that/i,
    (login, user) => `${login} may not become ${user}: the host's sudoers does not allow it`,
    'add the user to sudoers on the host, or log in as another one',
  ],
  [
    /unknown user|user ['\w.@$-]+ not found/i,
    (_login, user) => `there is no user ${user} on the host`,
    undefined,
  ],
  [
    /incorrect (?:password|authentication)|Sorry, try again|Authentication failed|(?:password|authentication) attempts/i,
    (login) => `sudo did not accept the password of ${login}`,
    'check the password given for sudo',
  ],
  [
    /a password is required|interactive authentication is required|authentication required/i,
    (login) => `sudo asks for the password of ${login}`,
    'give it with -K, or allow the user to use sudo without one (NOPASSWD)',
  ],
]

function problem(host: string, message: string, hint: string | undefined): ConnectionError {
  return new ConnectionError(host, 'become', `${host}: ${message}`, hint === undefined ? {} : { hint })
}
