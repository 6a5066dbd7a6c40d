import type { RepositoryLocation } from './repository-location.ts'

/** A repository as git is told of it. */
export interface Remote {
  /** For the command line of git, which every user of this machine can read. */
  readonly address: string
  /** What git must know besides, which only this user can read. */
  readonly environment: Readonly<Record<string, string>>
}

type Setting = readonly [name: string, value: string]

/** @param environment that of git, whose own settings stay */
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
      // its question, on its command line, would name the user
      ...(credentials === undefined ? {} : { SSH_ASKPASS: '' }),
    },
  }
}

const userVariable = 'HOSTWRIGHT_GIT_USER'
const passwordVariable = 'HOSTWRIGHT_GIT_PASSWORD'

/**
 * They are for this server only. A user name alone may be a token; else helpers of the user's own, or their askpass,
 * know the password.
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

/** A helper that is asked only, never told what to keep. */
function answer(command: string): string {
  return `!answer() { [ "$1" != get ] || { ${command}; }; }; answer`
}

const helper = 'hostwright'

/** git gives a URL to the program for its scheme as an argument, unless that is asked for a remote by name. */
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
