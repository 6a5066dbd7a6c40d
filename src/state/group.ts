import { sh } from '../target/sh.ts'
import type { GroupQuestion, GroupValue } from './account/value.ts'
import { defineKind } from './definition/kind.ts'
import { isWriteTo } from './definition/write.ts'

/** The first gid that Debian's policy reserves for the administrator: packages do not change such groups. */
const firstRegularGid = 1000

declare module './definition/write.ts' {
  interface KindValues {
    group: GroupValue
  }
}

export const group = defineKind<'group', GroupQuestion>({
  name: 'group',
  subject: ({ name }) => name,
  read: (questions) => sh`
    if command -v getent >/dev/null; then getent group ${questions.map(({ name }) => name)} || [ $? -eq 2 ]
    else cat /etc/group
    fi
  `,
  parse(output, questions) {
    const groups = output
      .split('\n')
      .filter((line) => line !== '')
      .map(groupOf)
    return questions.map(({ name }) => {
      const found = groups.find((one) => one.name === name) ?? groups.find((one) => String(one.gid) === name)
      return found === undefined ? { exists: false } : { exists: true, gid: found.gid }
    })
  },
  dependsOn: {
    scopes: (scope, _question, { gid }) =>
      scope === 'anything' || (scope === 'packages' && (gid === undefined || gid < firstRegularGid)),
    paths: () => ['/etc/group', '/etc/nsswitch.conf'],
    kinds: {
      user: ({ subject, value }, { name }) => subject === name || value === undefined,
      group: (_write, { name }) => /^\d+$/.test(name),
    },
  },
  // Only removing a user removes the group of the same name.
  possibleAfter(_question, write, answer) {
    if (!answer.exists) return undefined
    if (write.type === 'scope') return write.scope === 'anything' ? undefined : [answer]
    return isWriteTo(write, 'user') && write.value?.exists === true ? [answer] : undefined
  },
})

function groupOf(line: string): { name: string; gid: number } {
  const [name, , gid, members, ...more] = line.split(':')
  if (
    name === undefined ||
    gid === undefined ||
    members === undefined ||
    more.length > 0 ||
    !/^\d+$/.test(gid)
  )
    throw new Error(`unexpected line of the group database: ${line}`)
  return { name, gid: Number(gid) }
}
