import { expect } from 'chai'

import { superfluous } from '../../../src/modules/deploy/release-choice.ts'
import type { Deployment, ReleaseState } from '../../../src/state/deployment/value.ts'

describe('superfluous releases', () => {
  const nothing = { keep: 1, running: [] }

  it('keeps the spare release, even if it was rolled back and a later one failed', () => {
    const found = deployment('1', { 1: 'live', 2: 'bad', 3: 'failed' })
    expect(idsOf(superfluous(found, nothing))).to.deep.equal(['2'])
    expect(idsOf(superfluous(found, { ...nothing, spare: '2' }))).to.deep.equal([])
  })
})

function deployment(live: string, states: Readonly<Record<string, ReleaseState>>): Deployment {
  const releases = Object.entries(states).map(([id, state]) => ({ id, state, information: {} }))
  return {
    ...{ current: { type: 'release', id: live }, releases },
    ...{ unfinished: [], slots: {}, maintenance: false },
  }
}

function idsOf(releases: readonly { readonly id: string }[]): string[] {
  return releases.map(({ id }) => id)
}
