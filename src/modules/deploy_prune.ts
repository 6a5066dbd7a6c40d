import * as z from 'zod'

import { deployment } from '../state/deployment.ts'
import { unit, unitName } from '../state/unit.ts'
import { joinScripts, sh } from '../target/sh.ts'
import type { Change } from './definition/change.ts'
import { defineModule, type Step } from './definition/module.ts'
import { integerParam, nameParam } from './definition/parameters.ts'
import { demandLock, deployParams, journal, deploySentences } from './deploy/notes.ts'
import { superfluous } from './deploy/release-choice.ts'
import { releaseId } from './deploy/release-id.ts'
import { demandSecure } from './deploy/secure-root.ts'
import { isStopped } from './service/unit-state.ts'

const params = z.strictObject({
  ...deployParams,
  keep: integerParam.refine((keep) => keep >= 0, 'must not be negative').default(5),
  spare: releaseId.optional(),
  slots: z.record(z.string(), nameParam).default({}),
})

type DeployPruneParams = z.infer<typeof params>

export const deployPrune = defineModule({
  name: 'deploy_prune',
  summary: 'Removes old releases, except those that are live, running, or the target of a rollback.',
  documentation: () => ({
    parameters: {
      ...deploySentences,
      keep: 'Number of good releases to keep; 0 keeps all.',
      spare: 'Release to keep in any case, e.g. one that was live a moment ago.',
      slots: 'Mapping of each PHP-FPM slot to its systemd unit; the release of a running slot is kept.',
    },
    checkMode: 'Decided: the releases and the states of the units are read.',
    example: (print) => `- name: Remove old releases
  deploy_prune:
    root: /srv/shop
    run: '${print('deploy_run')}'
    keep: 5
    slots:
      blue: shop-php-blue
      green: shop-php-green`,
  }),
  params,
  reads: ({ root, slots }: DeployPruneParams) => ({
    deployment: deployment.key({ root }),
    units: Object.values(slots).map((name) => unit.key({ name: unitName(name) })),
  }),
  diff({ deployment: now, units }, { keep, spare, slots }): Change[] {
    demandSecure(now)
    const running = Object.keys(slots).filter((_slot, index) => {
      const state = units[index]
      return state !== undefined && !isStopped(state)
    })
    return [
      ...superfluous(now, { keep, spare, running }).map(({ id, state }) => gone(id, state)),
      ...now.unfinished.map((name) => gone(name, 'unfinished')),
    ]
  },
  apply(changes, { root, run }, { deployment: now }): Step[] {
    const names = changes.map(({ field }) => field)
    const removal = names.map(
      (name) => sh`
        rm -rf -- ${`${root}/releases/${name}`}
        rm -f -- ${`${root}/deploy/states/${name.replace(/\.partial$/, '')}`}
      `,
    )
    const value = {
      ...now,
      releases: now.releases.filter(({ id }) => !names.includes(id)),
      unfinished: [],
    }
    return [
      {
        script: joinScripts([
          demandLock(root, run),
          ...removal,
          journal(root, { event: 'removed', run, releases: names }),
        ]),
        writes: [deployment.write({ root }, value)],
      },
    ]
  },
})

function gone(name: string, state: string): Change {
  return { field: name, before: state, after: 'absent' }
}
