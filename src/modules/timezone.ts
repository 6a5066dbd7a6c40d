import * as z from 'zod'

import { TaskFailure } from '../errors.ts'
import { path } from '../state/path.ts'
import { timezone as timezoneKind } from '../state/timezone.ts'
import { sh } from '../target/sh.ts'
import type { Change } from './definition/change.ts'
import { defineModule } from './definition/module.ts'
import { nameParam } from './definition/parameters.ts'
import { inPrivateDirectory } from './placement/private-directory.ts'

const params = z.strictObject({
  name: nameParam.refine(
    (name) => /^(?!-)[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+)*$/.test(name),
    'invalid time zone: write a name like Europe/Vienna or UTC',
  ),
})

export const timezone = defineModule({
  name: 'timezone',
  summary: 'Sets the time zone of the host.',
  documentation: () => ({
    parameters: {
      name: 'Name of the time zone, e.g. `Europe/Vienna` or `UTC`.',
    },
    checkMode: 'Decided: the current time zone is read, and the host must know the new one.',
    example: `- name: Set the time zone
  timezone:
    name: Europe/Vienna`,
  }),
  params,
  reads: ({ name }) => ({ timezone: timezoneKind.key({ zone: name }) }),
  diff({ timezone: { current, file, known, zonesInstalled } }, { name }): Change[] {
    if (!zonesInstalled)
      throw new TaskFailure('this host has no time zones', {
        hint: 'install the package tzdata before this task',
      })
    if (!known) throw new TaskFailure(`there is no time zone ${name} on the host`)
    return [
      ...(current === name ? [] : [{ field: 'name', before: current ?? 'UTC', after: name }]),
      ...(file === undefined || file === name ? [] : [{ field: '/etc/timezone', before: file, after: name }]),
    ]
  },
  // timedatectl does the same, but needs D-Bus and a running service
  apply: (_changes, { name }, { timezone: found }) => [
    {
      script: inPrivateDirectory(
        '/etc',
        sh`
          ln -s ${`/usr/share/zoneinfo/${name}`} localtime
          mv -fT localtime ../localtime
          if [ -f ../timezone ]; then
            printf '%s\\n' ${name} >timezone
            mv -fT timezone ../timezone
          fi
        `,
      ),
      writes: [
        timezoneKind.write(
          { zone: name },
          { ...found, current: name, ...(found.file === undefined ? {} : { file: name }) },
        ),
        path.write({ path: '/etc/localtime' }),
        path.write({ path: '/etc/timezone' }),
      ],
    },
  ],
  result: ({ params: { name } }) => ({ name }),
})
