import * as z from 'zod'

import { deployedRevision } from '../state/deployed-revision.ts'
import { deployment } from '../state/deployment.ts'
import type { Release } from '../state/deployment/value.ts'
import { compareVersions } from '../text/version-order.ts'
import { defineModule, when } from './definition/module.ts'
import { absolutePath, booleanParam, nameParam, stringList } from './definition/parameters.ts'
import { configurationDigest } from './deploy/configuration-digest.ts'
import { demandLink } from './deploy/current-link.ts'
import { freeSlot, liveRelease, previousRelease, slotOf } from './deploy/release-choice.ts'
import { releaseTable } from './deploy/release-table.ts'
import { demandSecure } from './deploy/secure-root.ts'

const params = z.strictObject({
  root: absolutePath,
  slots: stringList.default([]),
  reference: nameParam.optional(),
  revision: nameParam.optional(),
  configuration: z.unknown().optional(),
  allow_insecure_directories: booleanParam.default(false),
})

type DeployStatusParams = z.infer<typeof params>

export const deployStatus = defineModule({
  name: 'deploy_status',
  summary: 'Registers the releases of an application on the host, and which of them is live.',
  documentation: () => ({
    parameters: {
      root: "Absolute path of the application's directory.",
      slots: 'Names of the PHP-FPM slots; without any, one pool serves all releases.',
      reference:
        'Reference that is about to be deployed, e.g. `refs/tags/v1.2.3`; registers the commit that was last live under this name.',
      revision:
        'Commit that is about to be deployed; registers whether exactly this commit with this `configuration` is live.',
      configuration: 'Configuration that is about to be deployed, of any type.',
      allow_insecure_directories:
        "Does not fail if other users can change the application's directories; files that they can change are not read.",
    },
    checkMode: 'Read as in a real run.',
    example: `- name: Read the releases
  deploy_status:
    root: /srv/shop
    slots: [blue, green]
  register: deployment`,
  }),
  params,
  observes: true,
  reads: ({ root, reference }: DeployStatusParams) => ({
    deployment: deployment.key({ root }),
    revision: when(reference, () => deployedRevision.key({ root, reference: reference ?? '' })),
  }),
  diff(state, { root, allow_insecure_directories: allowInsecure }) {
    if (!allowInsecure) demandSecure(state.deployment)
    demandLink(state.deployment, root)
    return []
  },
  apply: () => [],
  result({
    params: { slots, reference, revision: wanted, configuration },
    state: { deployment: now, revision },
  }) {
    const live = liveRelease(now)
    const digest = configurationDigest(configuration)
    return {
      /** True if the live release has exactly this commit and configuration, and was probed. */
      is_live:
        wanted !== undefined &&
        live?.state === 'live' &&
        live.information['revision'] === wanted &&
        live.information['configuration'] === digest,
      live: live === undefined ? null : described(live),
      previous: describedOrNull(previousRelease(now)),
      releases: now.releases.map(described),
      live_slot: slotOf(live, slots) ?? null,
      free_slot: freeSlot(now, slots) ?? null,
      maintenance: now.maintenance,
      /** True if the tag of the live release is a later version than the given reference. */
      is_older: isOlder(reference, live?.information['reference']),
      /** The commit that was last live under the given reference. */
      deployed_revision: revision ?? null,
      table: releaseTable(now),
    }
  },
})

const tags = 'refs/tags/'

function isOlder(reference: string | undefined, live: unknown): boolean {
  if (reference?.startsWith(tags) !== true || typeof live !== 'string' || !live.startsWith(tags)) return false
  return compareVersions(reference.slice(tags.length), live.slice(tags.length)) < 0
}

function describedOrNull(release: Release | undefined): Record<string, unknown> | null {
  return release === undefined ? null : described(release)
}

function described({ id, state, information, since, socket }: Release): Record<string, unknown> {
  const { reference = null, revision = null, configuration = null, by = null, created = null } = information
  const own = { id, state, since: since ?? null, socket: socket ?? null }
  return { ...own, reference, revision, configuration, by, created }
}
