import * as z from 'zod'

import { unit, unitName } from '../state/unit.ts'
import { defineModule } from './definition/module.ts'
import { booleanParam } from './definition/parameters.ts'
import { unitNameParam } from './service/unit-name.ts'
import { unitChanges } from './service/unit-state.ts'
import { unitStep } from './service/unit-step.ts'

const params = z
  .strictObject({
    name: unitNameParam,
    state: z.enum(['started', 'stopped', 'restarted', 'reloaded']).optional(),
    enabled: booleanParam.optional(),
  })
  .refine(({ state, enabled }) => state !== undefined || enabled !== undefined, 'needs state or enabled')

export const service = defineModule({
  name: 'service',
  summary: 'Starts, stops, restarts, reloads or enables a systemd service.',
  documentation: () => ({
    parameters: {
      name: 'Name of the unit, with or without its suffix (`nginx`, `backup.timer`).',
      state:
        '`started` and `stopped` act only if needed, `restarted` always restarts, `reloaded` reloads, or starts a service that is not running.',
      enabled: 'Enables the start at boot; `false` disables it.',
    },
    checkMode:
      'Decided: the unit is read, and the effect on its users is shown. Unknown if an earlier task installs the unit.',
    example: `- name: Start Nginx, now and at boot
  service:
    name: nginx
    state: started
    enabled: true`,
  }),
  params,
  reads: ({ name }) => ({ unit: unit.key({ name: unitName(name) }) }),
  diff: (state, wanted) => unitChanges(wanted, state.unit),
  apply: (changes, wanted, state) => [unitStep(changes, wanted, state.unit)],
  result: ({ params: { name, state, enabled } }) => ({ name, state, enabled }),
})
