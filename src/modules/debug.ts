import * as z from 'zod'

import { defineAction, type EvaluatedExpression } from './definition/module.ts'
import { integerParam } from './definition/parameters.ts'

interface DebugParams {
  readonly msg?: unknown
  readonly var?: unknown
  readonly verbosity: number
}

export const debug = defineAction<DebugParams>({
  name: 'debug',
  summary: 'Prints a message or the value of an expression.',
  documentation: () => ({
    parameters: {
      msg: 'Message to print, `Hello world!` by default; a value that is not a string is printed as JSON.',
      var: 'JavaScript expression whose value is printed, instead of `msg`.',
      verbosity: 'The message is printed only if this is 0, as by Ansible without `-v`.',
    },
    checkMode: 'Printed as in a real run. Unknown only if it uses a value that a dry run cannot know.',
    example: `- name: Print the addresses of the host
  debug:
    var: ansible_all_ipv4_addresses`,
  }),
  freeForm: 'msg',
  expressions: ['var'],
  params: z
    .strictObject({
      msg: z.unknown(),
      var: z.unknown(),
      verbosity: integerParam.default(0),
    })
    .partial({ msg: true, var: true })
    .refine(
      (params) => params.msg === undefined || params.var === undefined,
      "'msg' and 'var' exclude each other",
    ),
  run({ msg, var: expression, verbosity }) {
    const isPrinted = verbosity <= 0
    if (expression === undefined) {
      const message = msg ?? 'Hello world!'
      return { result: { msg: message }, ...(isPrinted ? { msg: asText(message) } : {}) }
    }
    const { text, value } = expression as EvaluatedExpression
    return { result: { [text]: value }, ...(isPrinted ? { msg: `${text}: ${asText(value)}` } : {}) }
  },
})

function asText(value: unknown): string {
  if (value === undefined) return 'undefined'
  return typeof value === 'string' ? value : JSON.stringify(value, undefined, 2)
}
