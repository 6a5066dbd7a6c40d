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
      verbosity: 'Accepted for compatibility, without effect: the message is always printed.',
    },
    checkMode: 'Always printed. Unknown only if it uses a value that a dry run cannot know.',
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
  run({ msg, var: expression }) {
    if (expression === undefined) {
      const message = msg ?? 'Hello world!'
      return { msg: asText(message), result: { msg: message } }
    }
    const { text, value } = expression as EvaluatedExpression
    return { msg: `${text}: ${asText(value)}`, result: { [text]: value } }
  },
})

function asText(value: unknown): string {
  if (value === undefined) return 'undefined'
  return typeof value === 'string' ? value : JSON.stringify(value, undefined, 2)
}
