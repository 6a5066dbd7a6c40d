import * as z from 'zod'

import { group as groupKind } from '../state/group.ts'
import { sh, type Script } from '../target/sh.ts'
import { accountName } from './definition/account-name.ts'
import type { Change } from './definition/change.ts'
import { defineModule } from './definition/module.ts'
import { booleanParam, integerParam } from './definition/parameters.ts'

const params = z.strictObject({
  name: accountName,
  state: z.enum(['present', 'absent']).default('present'),
  gid: integerParam.optional(),
  system: booleanParam.default(false),
})

type Params = z.output<typeof params>

export const group = defineModule({
  name: 'group',
  summary: 'Creates a group, sets its number, or removes it.',
  documentation: () => ({
    parameters: {
      name: 'Name of the group.',
      state: '`present` creates the group, `absent` removes it.',
      gid: 'Number of the group; by default a new group gets the next free number, and an existing one keeps its number.',
      system:
        'Gives a new group a number from the range for system groups; has no effect on an existing one.',
    },
    checkMode: 'Always decided.',
    example: `- name: Create the group deploy
  group:
    name: deploy
    system: true`,
  }),
  params,
  reads: ({ name }) => ({ group: groupKind.key({ name }) }),
  diff({ group: found }, { state, gid }): Change[] {
    if (found.exists !== (state === 'present'))
      return [{ field: 'state', before: found.exists ? 'present' : 'absent', after: state }]
    const numberDiffers = found.exists && gid !== undefined && found.gid !== undefined && gid !== found.gid
    return numberDiffers ? [{ field: 'gid', before: found.gid, after: gid }] : []
  },
  apply: (changes, wanted, { group: found }) => [
    {
      script: script(
        wanted,
        changes.some(({ field }) => field === 'gid'),
      ),
      writes: [groupKind.write({ name: wanted.name }, valueOf(wanted, found.gid))],
    },
  ],
  result: ({ params: { name, state }, state: { group: found } }) => ({ name, state, gid: found.gid }),
})

function script({ name, state, gid, system }: Params, exists: boolean): Script {
  if (state === 'absent') return sh`groupdel -- ${name}`
  const options = gid === undefined ? [] : [`--gid=${gid}`]
  if (exists) return sh`groupmod ${options} -- ${name}`
  return sh`groupadd ${[...options, ...(system ? ['--system'] : [])]} -- ${name}`
}

function valueOf({ state, gid }: Params, before: number | undefined) {
  const number = gid ?? before
  if (state === 'absent') return { exists: false }
  return { exists: true, ...(number === undefined ? {} : { gid: number }) }
}
