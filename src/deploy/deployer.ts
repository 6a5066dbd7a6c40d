import { hostname, userInfo } from 'node:os'

import { tryGit } from './repository/git.ts'

/** The user who deploys, and the machine of that user. */
export interface Deployer {
  readonly name: string
  readonly host: string
}

/** Environment variables in which CI systems and git servers name the user who caused a run; the first one that is set counts. */
const variables = [
  'GITHUB_TRIGGERING_ACTOR',
  'GITHUB_ACTOR',
  'GITLAB_USER_LOGIN',
  'GITLAB_USER_NAME',
  'BUILDKITE_BUILD_CREATOR',
  'CIRCLE_USERNAME',
  'BUILD_USER_ID', // Jenkins
  'GL_USER', // gitolite, in a hook
  'REMOTE_USER', // git over HTTP, in a hook
]

export async function deployer(environment: NodeJS.ProcessEnv, folder: string): Promise<Deployer> {
  const name = namedBy(environment, variables) ?? (await authorOf(folder)) ?? loginOf(environment)
  return { name, host: hostname() }
}

async function authorOf(folder: string): Promise<string | undefined> {
  const [name, email] = await Promise.all([setting('user.name', folder), setting('user.email', folder)])
  return name === undefined || email === undefined ? (name ?? email) : `${name} <${email}>`
}

async function setting(name: string, folder: string): Promise<string | undefined> {
  const { exitCode, stdout } = await tryGit(['config', '--get', name], { folder })
  return exitCode === 0 && stdout.trim() !== '' ? stdout.trim() : undefined
}

function loginOf(environment: NodeJS.ProcessEnv): string {
  const login = namedBy(environment, ['SUDO_USER'])
  if (login !== undefined) return login
  try {
    return userInfo().username
  } catch {
    // in a container, the uid may have no entry in /etc/passwd
    return `uid ${String(process.getuid?.())}`
  }
}

function namedBy(environment: NodeJS.ProcessEnv, names: readonly string[]): string | undefined {
  return names.map((name) => environment[name]?.trim()).find((value) => value !== undefined && value !== '')
}
