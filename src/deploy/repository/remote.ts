import type { RepositoryLocation } from './repository-location.ts'

/** The address and the environment with which git reaches a repository. */
export interface Remote {
  /** The address in the command line of git, which every user of this machine can read. */
  readonly address: string
  /** Credentials and settings, which only this user can read. */
  readonly environment: Readonly<Record<string, string>>
}

type Setting = readonly [name: string, value: string]

/** @param environment the environment of git, whose settings are kept */
export function remoteOf(location: RepositoryLocation, environment: NodeJS.ProcessEnv): Remote {
  const { url, credentials, isSecret, id } = location
  const isHidden = isSecret && /^https?:/i.test(url)
  const settings = [...credentialSettings(location), ...(isHidden ? hiddenAddress(url) : [])]
  if (settings.length === 0) return { address: url, environment: {} }
  return {
    address: isHidden ? `${helper}::${id}` : url,
    environment: {
      ...configuration(settings, environment),
      ...(credentials === undefined ? {} : { [userVariable]: credentials.user }),
      ...(credentials?.password === undefined ? {} : { [passwordVariable]: credentials.password }),
      // the prompt, an argument of the askpass program, would contain the user name
      ...(credentials === undefined ? {} : { SSH_ASKPASS: '' }),
    },
  }
}

const userVariable = 'HOSTWRIGHT_GIT_USER'
const passwordVariable = 'HOSTWRIGHT_GIT_PASSWORD'

/**
 * Returns settings that apply to this server only. A user name without a password may be a token, so the password is
 * empty unless the user's credential helpers or askpass program provide one.
 */
function credentialSettings({ url, credentials }: RepositoryLocation): Setting[] {
  if (credentials === undefined) return []
  const section = `credential.${new URL(url).origin}`
  if (credentials.password === undefined)
    return [
      [`${section}.username`, credentials.user],
      [
        `${section}.helper`,
        answer(`[ -n "$GIT_ASKPASS" ] || git config core.askPass >/dev/null || echo password=`),
      ],
    ]
  return [
    [`${section}.helper`, ''],
    [
      `${section}.helper`,
      answer(`printf 'username=%s\\npassword=%s\\n' "$${userVariable}" "$${passwordVariable}"`),
    ],
  ]
}

/** Returns a credential helper that answers `get` and ignores `store` and `erase`. */
function answer(command: string): string {
  return `!answer() { [ "$1" != get ] || { ${command}; }; }; answer`
}

const helper = 'hostwright'

/** Configures a named remote, because git passes the URL itself to its transport program as an argument. */
function hiddenAddress(url: string): Setting[] {
  const remote = 'hostwright-source'
  return [
    [`remote.${remote}.url`, url],
    [`alias.remote-${helper}`, `!source() { exec git remote-http ${remote}; }; source`],
    [`protocol.${helper}.allow`, 'always'],
  ]
}

function configuration(settings: readonly Setting[], environment: NodeJS.ProcessEnv): Record<string, string> {
  const before = Number(environment['GIT_CONFIG_COUNT'] ?? 0)
  const pairs = settings.flatMap(([name, value], index) => [
    [`GIT_CONFIG_KEY_${before + index}`, name],
    [`GIT_CONFIG_VALUE_${before + index}`, value],
  ])
  return { ...Object.fromEntries(pairs), GIT_CONFIG_COUNT: String(before + settings.length) } as Record<
    string,
    string
  >
}
