import { sh } from '../target/sh.ts'
import type { GroupValue, UserQuestion, UserValue } from './account/value.ts'
import { defineKind } from './definition/kind.ts'
import { sections } from './parse/sections.ts'

/** The first uid that Debian's policy reserves for the administrator: packages do not change such users. */
const firstRegularUid = 1000

declare module './definition/write.ts' {
  interface KindValues {
    user: UserValue
  }
}

export const user = defineKind<'user', UserQuestion>({
  name: 'user',
  subject: ({ name }) => name,
  read(questions) {
    const names = questions.map(({ name }) => name)
    return sh`
      find_in() {
        database=$1; shift
        if command -v getent >/dev/null; then getent "$database" "$@" || [ $? -eq 2 ]
        elif [ -r "/etc/$database" ]; then cat "/etc/$database"
        fi
      }
      echo '== passwd'
      find_in passwd ${names} || exit
      echo '== group'
      cat /etc/group || exit
      echo '== shadow'
      if [ -r /etc/shadow ]; then find_in shadow ${names}; fi
    `
  },
  parse(output, questions) {
    const found = sections(output, ['passwd', 'group', 'shadow'])
    const accounts = found.passwd.map((line) => fields(line, 7, 'passwd'))
    const groups = found.group.map((line) => fields(line, 4, 'group'))
    const shadows = new Map(found.shadow.map((line) => [line.split(':')[0], fields(line, 9, 'shadow')]))
    return questions.map(({ name }) => {
      const account =
        accounts.find(([login]) => login === name) ?? accounts.find((entry) => entry[2] === name)
      return account === undefined ? { exists: false } : userOf(account, groups, shadows.get(account[0]))
    })
  },
  dependsOn: {
    scopes: (scope, _question, { uid }) =>
      scope === 'anything' || (scope === 'packages' && (uid === undefined || uid < firstRegularUid)),
    paths: () => ['/etc/passwd', '/etc/group', '/etc/shadow', '/etc/nsswitch.conf'],
    kinds: {
      group: ({ subject, value }, _question, answer) => answer.exists && groupMatters(subject, value, answer),
      user: (_write, { name }) => /^\d+$/.test(name),
    },
  },
  possibleAfter: (_question, write, answer) =>
    write.type === 'scope' && write.scope !== 'anything' && answer.exists ? [answer] : undefined,
})

function groupMatters(group: string, value: GroupValue | undefined, answer: UserValue): boolean {
  if (value === undefined || answer.groups === undefined || answer.group === undefined) return true
  return answer.group === group || answer.groups.includes(group)
}

function userOf(
  account: readonly string[],
  groups: readonly string[][],
  shadow: readonly string[] | undefined,
): UserValue {
  const [name = '', , uid, gid, comment = '', home = '', shell = ''] = account
  const primary = groups.find((group) => group[2] === gid)?.[0]
  return {
    exists: true,
    uid: Number(uid),
    gid: Number(gid),
    ...(primary === undefined ? {} : { group: primary }),
    groups: groups
      .filter(([, , , members]) => members?.split(',').includes(name))
      .map(([group = '']) => group)
      .sort(),
    home,
    shell,
    comment,
    ...(shadow === undefined ? {} : secretsOf(shadow)),
  }
}

function secretsOf(shadow: readonly string[]): Pick<UserValue, 'locked' | 'passwordHash' | 'expires'> {
  const [, passwordHash = '', , , , , , expires = ''] = shadow
  return {
    locked: passwordHash.startsWith('!'),
    passwordHash,
    expires: expires === '' ? -1 : Number(expires),
  }
}

function fields(line: string, count: number, database: string): string[] {
  const parts = line.split(':')
  if (parts.length === count) return parts
  // The line is not shown because it may contain a password hash.
  throw new Error(`${parts[0] ?? ''} has ${parts.length} fields in the ${database} database, not ${count}`)
}
