import * as z from 'zod'

import { defineAction } from './definition/module.ts'
import { booleanParam } from './definition/parameters.ts'

const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/

interface SetFactParams extends Readonly<Record<string, unknown>> {
  /** Accepted without effect: facts are not kept between runs. */
  readonly cacheable?: boolean | undefined
}

export const setFact = defineAction<SetFactParams>({
  name: 'set_fact',
  summary: 'Sets variables of the host for the rest of the run.',
  documentation: () => ({
    parameters: {
      cacheable: 'Accepted for compatibility, without effect: facts are not kept between runs.',
    },
    others: 'Every other parameter sets the variable of that name.',
    checkMode: 'Set as in a real run. A value that a dry run cannot know stays unknown.',
    example: (print) => `- name: Choose the directory of the application
  set_fact:
    app_directory: /srv/${print('inventory_hostname')}`,
  }),
  params: z.looseObject({ cacheable: booleanParam.optional() }).superRefine((params, context) => {
    const names = Object.keys(params).filter((name) => name !== 'cacheable')
    if (names.length === 0) context.addIssue({ code: 'custom', message: 'expected at least one variable' })
    for (const name of names) {
      if (variableName.test(name)) continue
      context.addIssue({
        code: 'custom',
        path: [name],
        message: `invalid variable name '${name}': use letters, digits and _, and do not begin with a digit`,
      })
    }
  }),
  run(params) {
    const facts = Object.fromEntries(Object.entries(params).filter(([name]) => name !== 'cacheable'))
    return { facts, result: { ansible_facts: facts } }
  },
})
