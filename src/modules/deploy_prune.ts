import * as z from 'zod'

import { deployment } from '../state/deployment.ts'
import { unit, unitName } from '../state/unit.ts'
import { joinScripts, sh } from '../target/sh.ts'
import { defineModule, type Change, type Step } from './definition/module.ts'
import { integerParam, nameParam } from './definition/parameters.ts'
import { demandLock, deployParams, journal } from './deploy/notes.ts'
import { superfluous } from './deploy/release-choice.ts'
import { releaseId } from './deploy/release-id.ts'
import { demandSecure } from './deploy/secure-root.ts'
import { isStopped } from './service/unit-state.ts'

const params = z.strictObject({
  ...deployParams,
  /** How many releases that were good stay; 0: all. */
  keep: integerParam.refine((keep) => keep >= 0, 'must not be negative').default(5),
  /** The release that was live until a moment ago: whoever is still sending a request to it gets an answer from it. */
  spare: releaseId.optional(),
  /** The unit of each slot of PHP-FPM, by the name of the slot. */
  slots: z.record(z.string(), nameParam).default({}),
})

type DeployPruneParams = z.infer<typeof params>

export const deployPrune = defineModule({
  name: 'deploy_prune',
  summary:
    'Removes releases that nobody needs any more, never one that is live, runs, or a rollback would lead to.',
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
