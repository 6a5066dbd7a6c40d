import * as z from 'zod'

import { packageLists, type PackageListsValue } from '../state/package-lists.ts'
import { packageKind } from '../state/package.ts'
import type { PackageManager, PackageValue } from '../state/package/value.ts'
import { aptChanges, type AptState } from './apt/changes.ts'
import { neutralPackageList } from './apt/package-name.ts'
import { aptDefaults, packageStates, type AptParams } from './apt/params.ts'
import { aptStep } from './apt/step.ts'
import type { Change } from './definition/change.ts'
import { defineModule, type Step, when } from './definition/module.ts'

const params = z.strictObject({
  name: neutralPackageList.refine((names) => names.length > 0, 'needs at least one name'),
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
        '`present` (or `installed`) installs missing packages, `latest` also upgrades, `absent` (or `removed`) removes.',
    },
    checkMode:
      'Decided: installed and candidate versions are read. The contents of packages that are not installed yet (files, users, services) are unknown to later tasks.',
    example: `- name: Install curl and git
  package:
    name: [curl, git]
    state: present`,
  }),
  params,
  reads: ({ name, state }) => ({
    lists: when(state === 'latest', () => packageLists.key({})),
    packages: name.map((wanted) =>
      packageKind.key({ name: wanted.name, ...(state === 'latest' ? { version: 'candidate' } : {}) }),
    ),
  }),
  diff: (state, wanted) => managerOf(state).changes(wanted, state),
  apply: (changes, wanted, state) => [managerOf(state).step(changes, wanted, state)],
})

interface State {
  readonly lists: PackageListsValue | undefined
  readonly packages: readonly PackageValue[]
}

interface Manager {
  changes(wanted: Params, state: State): Change[]
  step(changes: readonly Change[], wanted: Params, state: State): Step
}

const managers: Readonly<Record<PackageManager, Manager>> = {
  apt: {
    changes: (wanted, state) => aptChanges(forApt(wanted), stateForApt(state)),
    step: (changes, wanted, state) => aptStep(changes, forApt(wanted), stateForApt(state)),
  },
}

/** Returns the package manager of the host, which each answer names. */
function managerOf({ packages: [first] }: State): Manager {
  if (first === undefined) throw new Error('no answer about a package')
  return managers[first.manager]
}

function forApt({ name, state }: Params): AptParams {
  return { ...aptDefaults, dpkg_options: [...aptDefaults.dpkg_options], name, state }
}

function stateForApt(state: State): AptState {
  return { ...state, debFile: undefined, plan: undefined }
}
