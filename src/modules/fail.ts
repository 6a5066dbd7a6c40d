import * as z from 'zod'

import { defineAction } from './module.ts'
import { textParam } from './parameters.ts'

export const fail = defineAction<{ readonly msg: string }>({
  name: 'fail',
  summary: 'Ends the play for the host with a message.',
  freeForm: 'msg',
  params: z.strictObject({ msg: textParam.default('Failed as requested from task') }),
  run: ({ msg }) => ({ failed: true, msg }),
})
