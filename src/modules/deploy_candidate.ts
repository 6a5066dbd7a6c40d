import * as z from 'zod'

import { TaskFailure } from '../errors.ts'
import { deployment } from '../state/deployment.ts'
import type { Deployment, Release } from '../state/deployment/value.ts'
import { joinScripts, sh, type Script } from '../target/sh.ts'
import { defined } from '../text/defined.ts'
import type { Change } from './definition/change.ts'
import { defineModule, type Step } from './definition/module.ts'
import { absolutePath } from './definition/parameters.ts'
import { demandLock, deployParams, deploySentences } from './deploy/notes.ts'
import { liveRelease, slotOf } from './deploy/release-choice.ts'
import { releaseId } from './deploy/release-id.ts'
import { demandSecure, demandSecureRelease } from './deploy/secure-root.ts'

const params = z
  .strictObject({
    ...deployParams,
    id: releaseId,
    slot: z.string().regex(/^\w+$/, 'expected a word').optional(),
    socket: absolutePath.optional(),
  })
  .refine(({ slot, socket }) => slot === undefined || socket?.endsWith(`-${slot}.sock`) === true, {
    message: 'must end with -<slot>.sock if there is a slot',
    path: ['socket'],
  })

type DeployCandidateParams = z.infer<typeof params>

export const deployCandidate = defineModule({
  name: 'deploy_candidate',
  summary:
    'Makes a release the candidate: the internal site shows it for probes, and visitors do not see it.',
  documentation: () => ({
    parameters: {
      ...deploySentences,
      id: 'Name of the release.',
      slot: 'PHP-FPM slot that will run the release; without it, one pool serves all releases.',
      socket:
        'Absolute path of the socket of PHP-FPM that will run the release; with `slot` it ends with `-<slot>.sock`.',
    },
    checkMode: 'Decided: the releases of the application are read.',
    example: (print) => `- name: Make the release the candidate
  deploy_candidate:
    root: /srv/shop
    run: '${print('deploy_run')}'
    id: '${print('deploy_id')}'
    slot: green
    socket: /run/shop-php/slot-green.sock`,
  }),
  params,
  reads: ({ root }: DeployCandidateParams) => ({ deployment: deployment.key({ root }) }),
  diff({ deployment: now }, { root, id, slot, socket }): Change[] {
    demandSecure(now)
    const release = now.releases.find((one) => one.id === id)
    if (release === undefined) throw new TaskFailure(`there is no release ${id} in ${root}/releases`)
    demandSecureRelease(release, root)
    if (slot !== undefined && slotOf(liveRelease(now), [slot]) === slot)
      throw new TaskFailure(`the slot ${slot} serves visitors: a candidate needs the other slot`)
    if (slot !== undefined && liveRelease(now)?.id === id && release.socket !== socket)
      throw new TaskFailure(`${id} serves visitors: it cannot move to the slot ${slot}`)
    return [
      ...(now.candidate === id ? [] : [{ field: 'candidate', before: now.candidate ?? null, after: id }]),
      ...(slot === undefined || now.slots[slot] === id
        ? []
        : [{ field: `slot ${slot}`, before: now.slots[slot] ?? null, after: id }]),
      ...(release.socket === socket
        ? []
        : [{ field: 'socket', before: release.socket ?? null, after: socket ?? null }]),
    ]
  },
  apply: (_changes, given, state): Step[] => [
    {
      script: link(given),
      writes: [deployment.write({ root: given.root }, after(state.deployment, given))],
    },
  ],
})

function after(before: Deployment, { id, slot, socket }: DeployCandidateParams): Deployment {
  const releases = before.releases.map((release) => (release.id === id ? linked(release, socket) : release))
  const slots = slot === undefined ? before.slots : { ...before.slots, [slot]: id }
  return { ...before, candidate: id, releases, slots }
}

function linked({ id, state, since, information }: Release, socket: string | undefined): Release {
  return {
    ...{ id, state, information },
    ...defined({ since, socket }),
  }
}

function link({ root, run, id, slot, socket }: DeployCandidateParams): Script {
  const socketLink = `${root}/releases/${id}/fpm.sock`
  return joinScripts([
    demandLock(root, run),
    socket === undefined ? sh`rm -f ${socketLink}` : replaceLink(socket, socketLink),
    ...(slot === undefined
      ? []
      : [sh`mkdir -p ${`${root}/deploy/slots`}`, sh`echo ${id} >${`${root}/deploy/slots/${slot}`}`]),
    replaceLink(`releases/${id}`, `${root}/candidate`),
  ])
}

/** Replaces a symlink with one rename, so that it always exists. */
function replaceLink(target: string, place: string): Script {
  return sh`
    ln -sfn -- ${target} ${`${place}.new`}
    mv -fT -- ${`${place}.new`} ${place}
  `
}
