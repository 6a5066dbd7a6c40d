import * as z from 'zod'

import { aliasOf } from './definition/documentation.ts'
import { defineAction, type EvaluatedExpression } from './definition/module.ts'
import { booleanParam, textParam } from './definition/parameters.ts'

interface AssertParams {
  readonly that: unknown
  readonly fail_msg?: string | undefined
  readonly success_msg?: string | undefined
  readonly quiet: boolean
}

export const assert = defineAction<AssertParams>({
  name: 'assert',
  summary: 'Fails unless every expression is true.',
  documentation: () => ({
    parameters: {
      that: 'JavaScript expression, or a list of expressions, that must be `true`; unlike in Ansible, a value that is neither `true` nor `false` fails.',
      fail_msg: 'Message for the failure, followed by the expressions that are not true.',
      msg: aliasOf('fail_msg'),
      success_msg: 'Message for success, `All assertions passed` by default.',
      quiet: 'Prints no message on success, and on failure only `fail_msg` if it is given.',
    },
    checkMode:
      'Decided: the expressions are evaluated. Unknown only if an expression uses a value that a dry run cannot know.',
    example: `- name: Check the memory of the host
  assert:
    that: ansible_memtotal_mb >= 1024
    fail_msg: The host needs 1 GB of memory`,
  }),
  expressions: ['that'],
  params: z
    .strictObject({
      that: z.unknown(),
      fail_msg: textParam.optional(),
      msg: textParam.optional(),
      success_msg: textParam.optional(),
      quiet: booleanParam.default(false),
    })
    .refine(
      (params) => params.fail_msg === undefined || params.msg === undefined,
      "'msg' is an alias of 'fail_msg': use only one of them",
    )
    .transform(({ msg, fail_msg, ...params }) => ({ ...params, fail_msg: fail_msg ?? msg })),
  run({ that, fail_msg, success_msg, quiet }) {
    const expressions = (Array.isArray(that) ? that : [that]) as EvaluatedExpression[]
    const failures = expressions.map(problemOf).filter((problem) => problem !== undefined)
    if (failures.length === 0) return { msg: quiet ? '' : (success_msg ?? 'All assertions passed') }
    const listed = failures.map((failure) => `\n  ${failure}`).join('')
    const title = fail_msg ?? `${failures.length} of ${expressions.length} assertions failed`
    return {
      failed: true,
      msg: quiet && fail_msg !== undefined ? fail_msg : `${title}:${listed}`,
      result: { assertion: failures[0] },
    }
  },
})

function problemOf({ text, value }: EvaluatedExpression): string | undefined {
  if (value === true) return undefined
  if (value === false) return `${text} is false`
  return `${text} is neither true nor false: ${value === undefined ? 'undefined' : JSON.stringify(value)}`
}
