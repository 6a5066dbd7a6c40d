import { sh } from '../target/sh.ts'
import type { GroupQuestion, GroupValue } from './account/value.ts'
import { defineKind } from './definition/kind.ts'
import { isWriteTo } from './definition/write.ts'

/** Debian's policy leaves the groups from here on to the administrator: no package touches them. */
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
  // a user takes the group of its name along only when it goes
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
    throw new Error(`a line of the group database is not understood: ${line}`)
  return { name, gid: Number(gid) }
}
