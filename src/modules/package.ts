import * as z from 'zod'

import { aptLists } from '../state/apt-cache.ts'
import { packageKind } from '../state/package.ts'
import { aptChanges, type AptState } from './apt/changes.ts'
import { packageList } from './apt/package-name.ts'
import { aptParams, packageStates, type AptParams } from './apt/params.ts'
import { aptStep } from './apt/step.ts'
import { defineModule, when } from './definition/module.ts'

const params = z.strictObject({
  name: packageList.refine((names) => names.length > 0, 'needs at least one name'),
  state: z
    .enum(['present', 'installed', 'latest', 'absent', 'removed'])
    .transform((state) => packageStates[state]),
})

type Params = z.output<typeof params>

export const packageModule = defineModule({
  name: 'package',
  summary: 'Installs, upgrades and removes packages.',
  documentation: () => ({
    parameters: {
      name: 'Packages; a list, or names separated by commas.',
      state:
        '`present` (or `installed`) installs what is missing, `latest` also upgrades, `absent` (or `removed`) removes.',
    },
    checkMode:
      'Decided: installed and candidate versions are read. What an installation brings (files, users, services) is unknown to later tasks until it is installed.',
    example: `- name: Install curl and git
  package:
    name: [curl, git]
    state: present`,
  }),
  params,
  reads: ({ name, state }) => ({
    lists: when(state === 'latest', () => aptLists.key({})),
    packages: name.map((wanted) =>
      packageKind.key({ name: wanted.name, ...(state === 'latest' ? { version: 'candidate' } : {}) }),
    ),
  }),
  diff: (state, wanted) => aptChanges(settings(wanted), stateOf(state)),
  apply: (changes, wanted, state) => [aptStep(changes, settings(wanted), stateOf(state))],
})

function settings({ name, state }: Params): AptParams {
  return { ...aptParams.parse({ name: 'placeholder' }), name, state }
}

function stateOf(state: Pick<AptState, 'lists' | 'packages'>): AptState {
  return { ...state, debFile: undefined, plan: undefined }
}
