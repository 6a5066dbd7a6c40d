import { aptLists } from '../state/apt-lists.ts'
import { aptPlan } from '../state/apt-plan.ts'
import { debFile } from '../state/deb-file.ts'
import { packageKind } from '../state/package.ts'
import { aptChanges } from './apt/changes.ts'
import { aptParams, type AptParams } from './apt/params.ts'
import { aptStep } from './apt/step.ts'
import { defineModule, when } from './definition/module.ts'

export const apt = defineModule({
  name: 'apt',
  summary: 'Installs, upgrades and removes packages of Debian, all names in one transaction',
  params: aptParams,
  reads(params: AptParams) {
    const { name, deb, update_cache, state } = params
    const action = planned(params)
    return {
      lists: when(update_cache || state === 'latest', () => aptLists.key({})),
      packages: name.map((wanted) =>
        packageKind.key({
          name: wanted.name,
          ...(state === 'latest' ? { version: 'candidate' } : {}),
          ...(wanted.version === undefined ? {} : { version: 'installed' }),
        }),
      ),
      debFile: when(deb, () => debFile.key({ path: deb ?? '' })),
      plan: when(action, () => aptPlan.key({ action: action ?? 'fix' })),
    }
  },
  diff: (state, params) => aptChanges(params, state),
  apply: (changes, params, state) => [aptStep(changes, params, state)],
  result: ({ changes, outputs }) => ({
    cache_updated: changes.some((change) => change.field === 'lists of packages'),
    stdout: outputs.map((output) => output.stdout).join(''),
    stderr: outputs.map((output) => output.stderr).join(''),
  }),
})

function planned({ upgrade, state, autoremove, name }: AptParams) {
  if (upgrade === 'safe') return 'upgrade'
  if (upgrade === 'full') return 'full-upgrade'
  if (state === 'fixed') return 'fix'
  return autoremove && name.length === 0 ? 'autoremove' : undefined
}
