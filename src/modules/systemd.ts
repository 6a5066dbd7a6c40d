import * as z from 'zod'

import { unitFiles } from '../state/unit-files.ts'
import { unit, unitName } from '../state/unit.ts'
import { sh } from '../target/sh.ts'
import type { Change } from './definition/change.ts'
import { defineModule, when } from './definition/module.ts'
import { booleanParam } from './definition/parameters.ts'
import { unitNameParam } from './service/unit-name.ts'
import { unitChanges, type WantedUnit } from './service/unit-state.ts'
import { unitStep } from './service/unit-step.ts'

const params = z
  .strictObject({
    name: unitNameParam.optional(),
    state: z.enum(['started', 'stopped', 'restarted', 'reloaded']).optional(),
    enabled: booleanParam.optional(),
    masked: booleanParam.optional(),
    daemon_reload: booleanParam.default(false),
    scope: z.literal('system', 'only scope: system is supported').default('system'),
  })
  .refine(
    ({ name, state, enabled, masked }) =>
      name !== undefined || (state === undefined && enabled === undefined && masked === undefined),
    'state, enabled and masked need name',
  )
  .refine(
    ({ name, daemon_reload }) => name !== undefined || daemon_reload,
    'needs name, or daemon_reload: true',
  )

type Params = z.output<typeof params>

export const systemd = defineModule({
  name: 'systemd',
  summary: 'Manages a systemd unit: its state, its start at boot, and its mask.',
  documentation: () => ({
    parameters: {
      name: 'Name of the unit, with or without its suffix (`nginx`, `backup.timer`); required unless the task only has `daemon_reload`.',
      state:
        '`started` and `stopped` act only if needed, `restarted` always restarts, `reloaded` reloads, or starts a unit that is not running.',
      enabled: 'Enables the start at boot; `false` disables it.',
      masked: 'Masks the unit, so that nothing can start it; `false` unmasks it.',
      daemon_reload:
        'Makes systemd read its unit files again if they have changed; unlike in Ansible, the task is ok if they have not.',
      scope: 'Only units of the system are supported, not those of users.',
    },
    checkMode:
      'Decided: the unit is read, and the effect on its users is shown. Unknown if an earlier task installs the unit.',
    example: `- name: Enable the timer of the backup
  systemd:
    name: backup.timer
    state: started
    enabled: true
    daemon_reload: true`,
  }),
  params,
  reads: ({ name }) => ({
    unit: when(name, () => unit.key({ name: unitName(name ?? '') })),
    files: when(name === undefined, () => unitFiles.key({})),
  }),
  diff(state, wanted) {
    if (state.unit !== undefined) return unitChanges(wantedUnit(wanted), state.unit)
    return state.files?.changed === true ? [definitions] : []
  },
  apply(changes, wanted, state) {
    if (state.unit !== undefined) return [unitStep(changes, wantedUnit(wanted), state.unit)]
    return [{ script: sh`systemctl daemon-reload`, writes: [unitFiles.write({}, { changed: false })] }]
  },
  result: ({ params: { name, state, enabled } }) => ({ name, state, enabled }),
})

const definitions: Change = { field: 'definitions', before: 'changed on disk', after: 'read by systemd' }

function wantedUnit({ name = '', state, enabled, masked, daemon_reload }: Params): WantedUnit {
  return { name, state, enabled, masked, daemonReload: daemon_reload }
}
