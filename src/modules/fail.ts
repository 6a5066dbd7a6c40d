import * as z from 'zod'

import { ExitCode } from '../errors.ts'
import { defineAction } from './definition/module.ts'
import { textParam } from './definition/parameters.ts'

interface FailParams {
  readonly msg: string
  readonly exit_code?: ExitCode | undefined
}

export const fail = defineAction<FailParams>({
  name: 'fail',
  summary: 'Ends the play for the host with a message.',
  freeForm: 'msg',
  params: z.strictObject({
    msg: textParam.default('Failed as requested from task'),
    /** With what the run ends: 1, or 3 where what was changed was put back. */
    exit_code: z.literal([ExitCode.failed, ExitCode.rolledBack]).optional(),
  }),
  run: ({ msg, exit_code: exitCode }) => ({
    failed: true,
    msg,
    ...(exitCode === undefined ? {} : { exitCode }),
  }),
})
