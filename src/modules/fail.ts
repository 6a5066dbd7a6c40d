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
  summary: 'Fails with a message.',
  documentation: () => ({
    parameters: {
      msg: 'Message of the failure.',
      exit_code: 'Exit code of the run after this failure: 1 (failed) by default, or 3 (rolled back).',
    },
    checkMode: 'Fails as in a real run, unless its condition uses a value that a dry run cannot know.',
    example: `- name: Refuse hosts other than Debian
  fail:
    msg: This playbook is for Debian
  when: ansible_os_family !== 'Debian'`,
  }),
  freeForm: 'msg',
  params: z.strictObject({
    msg: textParam.default('Failed as requested from task'),
    exit_code: z.literal([ExitCode.failed, ExitCode.rolledBack]).optional(),
  }),
  run: ({ msg, exit_code: exitCode }) => ({
    failed: true,
    msg,
    ...(exitCode === undefined ? {} : { exitCode }),
  }),
})
