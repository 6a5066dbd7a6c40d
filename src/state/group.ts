import { sh } from '../target/sh.ts'
import type { GroupQuestion, GroupValue, UserValue } from './account/value.ts'
import { defineKind } from './definition/key.ts'
import { writesPath } from './definition/writes-path.ts'

/** Debian's policy leaves the groups from here on to the administrator: no package touches them. */
const firstRegularGid = 1000

export const group = defineKind<GroupQuestion, GroupValue>({
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
  touchedBy({ name }, write, answer) {
    if (write.type === 'scope') {
      if (write.scope === 'packages') return answer.gid === undefined || answer.gid < firstRegularGid
      return write.scope === 'anything'
    }
    if (write.kind === 'user') return write.subject === name || write.value === undefined
    if (write.kind === 'group') return /^\d+$/.test(name)
    return writesPath(write, ['/etc/group', '/etc/nsswitch.conf'])
  },
  // a user takes the group of its name along only when it goes
  possibleAfter(_question, write, answer) {
    if (!answer.exists) return undefined
    if (write.type === 'scope') return write.scope === 'anything' ? undefined : [answer]
    const user = write.kind === 'user' ? (write.value as UserValue | undefined) : undefined
    return user?.exists === true ? [answer] : undefined
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
