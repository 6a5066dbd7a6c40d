import * as z from 'zod'

import { TaskFailure } from '../errors.ts'
import { deployment } from '../state/deployment.ts'
import type { Deployment, Release, ReleaseState } from '../state/deployment/value.ts'
import { joinScripts } from '../target/sh.ts'
import type { Change } from './definition/change.ts'
import { defineModule, type Step } from './definition/module.ts'
import { nameParam } from './definition/parameters.ts'
import { demandLock, deployParams, journal, noteState, deploySentences } from './deploy/notes.ts'
import { releaseId } from './deploy/release-id.ts'
import { demandSecure } from './deploy/secure-root.ts'

const params = z.strictObject({
  ...deployParams,
  id: releaseId,
  state: z.enum(['live', 'bad', 'failed']),
  reason: nameParam.optional(),
  by: nameParam.optional(),
})

type DeployRecordParams = z.infer<typeof params>

export const deployRecord = defineModule({
  name: 'deploy_record',
  summary: 'Records the outcome of a release, for rollbacks, pruning and the journal.',
  documentation: () => ({
    parameters: {
      ...deploySentences,
      id: 'Name of the release.',
      state:
        '`live`: the release serves visitors and works, `bad`: it was live and was rolled back, `failed`: it was never live.',
      reason: 'Reason, kept in the journal on the host.',
      by: 'Person or program that deploys, kept in the journal.',
    },
    checkMode: 'Decided: the releases of the application are read.',
    example: (print) => `- name: Record that the release works
  deploy_record:
    root: /srv/shop
    run: '${print('deploy_run')}'
    id: '${print('deploy_id')}'
    state: live
    by: alice`,
  }),
  params,
  reads: ({ root }: DeployRecordParams) => ({ deployment: deployment.key({ root }) }),
  diff({ deployment: now }, { root, id, state }): Change[] {
    demandSecure(now)
    if (!now.releases.some((release) => release.id === id))
      throw new TaskFailure(`there is no release ${id} in ${root}/releases`)
    return newStates(now, id, state).map(([release, after]) => ({
      field: release.id,
      before: release.state,
      after,
    }))
  },
  apply(_changes, given, { deployment: now }): Step[] {
    const { root, run, id, state, reason, by } = given
    const changed = newStates(now, id, state)
    const script = joinScripts([
      demandLock(root, run),
      ...changed.flatMap(([release, after]) => [
        noteState(root, release.id, after),
        journal(root, {
          ...release.information,
          ...{ event: after, release: release.id, run },
          ...(by === undefined ? {} : { by }),
          ...(reason === undefined || release.id !== id ? {} : { reason }),
        }),
      ]),
    ])
    return [{ script, writes: [deployment.write({ root }, after(now, changed))] }]
  },
})

function newStates(
  { current, releases }: Deployment,
  id: string,
  state: DeployRecordParams['state'],
): [Release, ReleaseState][] {
  const newState = (release: Release): ReleaseState => {
    if (release.id === id) return state
    if (state === 'live') return release.state === 'live' ? 'retired' : release.state
    // after a rollback, the live release is still retired by the one that was rolled back
    const isBack = current.type === 'release' && release.id === current.id && release.state === 'retired'
    return isBack ? 'live' : release.state
  }
  return releases
    .map((release): [Release, ReleaseState] => [release, newState(release)])
    .filter(([release, after]) => release.state !== after)
}

function after(before: Deployment, changed: readonly [Release, ReleaseState][]): Deployment {
  const states = new Map(changed.map(([{ id }, state]) => [id, state]))
  const releases = before.releases.map((release) => ({
    ...release,
    state: states.get(release.id) ?? release.state,
  }))
  return { ...before, releases }
}
