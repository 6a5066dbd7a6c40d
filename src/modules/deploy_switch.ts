import * as z from 'zod'

import { TaskFailure } from '../errors.ts'
import { deployment } from '../state/deployment.ts'
import { sh, type Script } from '../target/sh.ts'
import type { Change } from './definition/change.ts'
import { defineModule, type Step } from './definition/module.ts'
import { stringList } from './definition/parameters.ts'
import { demandLink } from './deploy/current-link.ts'
import { demandLock, deployParams, journal, deploySentences } from './deploy/notes.ts'
import { liveRelease, slotOf } from './deploy/release-choice.ts'
import { releaseId } from './deploy/release-id.ts'
import { demandSecure } from './deploy/secure-root.ts'

const params = z.strictObject({
  ...deployParams,
  id: releaseId,
  slots: stringList.default([]),
})

type DeploySwitchParams = z.infer<typeof params>

export const deploySwitch = defineModule({
  name: 'deploy_switch',
  summary: 'Switches visitors to another release with one rename, code and PHP-FPM at the same time.',
  documentation: () => ({
    parameters: {
      ...deploySentences,
      id: 'Name of the release.',
      slots: 'Names of the PHP-FPM slots; without any, one pool serves all releases.',
    },
    checkMode: 'Decided: the live release is read.',
    example: (print) => `- name: Switch visitors to the release
  deploy_switch:
    root: /srv/shop
    run: '${print('deploy_run')}'
    id: '${print('deploy_id')}'
    slots: [blue, green]`,
  }),
  params,
  reads: ({ root }: DeploySwitchParams) => ({ deployment: deployment.key({ root }) }),
  diff({ deployment: now }, { root, id }): Change[] {
    demandSecure(now)
    demandLink(now, root)
    if (!now.releases.some((release) => release.id === id))
      throw new TaskFailure(`there is no release ${id} in ${root}/releases`)
    const live = liveRelease(now)
    return live?.id === id ? [] : [{ field: 'current', before: live?.id ?? null, after: id }]
  },
  apply(_changes, given, { deployment: now }): Step[] {
    const { root, run, id, slots } = given
    const from = liveRelease(now)
    const to = now.releases.find((release) => release.id === id)
    const pools = [from, to].map((release) => slotOf(release, slots))
    const pool = pools[1] === undefined ? '' : `, PHP-FPM ${pools[0] ?? 'none'} → ${pools[1]}`
    return [
      {
        script: rename(root, run, id, from?.id),
        writes: [deployment.write({ root }, { ...now, current: { type: 'release', id } })],
        effect: `switches visitors from ${from?.id ?? 'nothing'} to ${id}${pool}: one rename, Nginx is not reloaded, no request is cut`,
      },
    ]
  },
  result({ params: { id }, outputs: [output] }) {
    const nanoseconds = /^switched in (\d+) ns$/m.exec(output?.stdout ?? '')?.[1]
    if (nanoseconds === undefined) return { id }
    const milliseconds = Number(nanoseconds) / 1e6
    return { id, milliseconds, msg: `switched in ${milliseconds.toFixed(1)} ms` }
  },
})

// BusyBox's `date` has no nanoseconds; the time is not printed then.
function rename(root: string, run: string, id: string, from: string | undefined): Script {
  return sh`
    ${demandLock(root, run)}
    cd ${root} || exit
    rm -f current.new
    ln -s -- ${`releases/${id}`} current.new
    before=$(date +%s%N)
    mv -fT current.new current
    after=$(date +%s%N)
    case $before$after in
      *[!0-9]*) ;;
      *) echo "switched in $((after - before)) ns" ;;
    esac
    ${journal(root, { event: 'switched', release: id, run, from: from ?? null })}
  `
}
