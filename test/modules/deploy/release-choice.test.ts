import { expect } from 'chai'

import {
  freeSlot,
  liveRelease,
  previousRelease,
  slotOf,
  superfluous,
} from '../../../src/modules/deploy/release-choice.ts'
import type { Deployment, ReleaseState } from '../../../src/state/deployment/value.ts'

const letters: Readonly<Record<string, ReleaseState>> = {
  '?': 'ready',
  L: 'live',
  r: 'retired',
  b: 'bad',
  f: 'failed',
  x: 'foreign',
}

/** Releases 1, 2, … in these states, with the last one that is live at `current`. */
function deployed(states: string, given: Partial<Deployment> = {}): Deployment {
  const releases = Array.from(states, (letter, index) => ({
    id: String(index + 1),
    state: letters[letter]!,
    information: {},
  }))
  const live = releases.findLast(({ state }) => state === 'live')
  const current = live === undefined ? { type: 'absent' as const } : { type: 'release' as const, id: live.id }
  return { current, releases, unfinished: [], slots: {}, maintenance: false, ...given }
}

function at(id: string): Partial<Deployment> {
  return { current: { type: 'release', id } }
}

describe('The release that visitors get', () => {
  it('is the one at current, whatever its state', () => {
    expect(liveRelease(deployed('rr', at('1')))?.id).to.equal('1')
    expect(liveRelease(deployed('rL'))?.id).to.equal('2')
  })

  it('is none where current leads nowhere or is not a link', () => {
    for (const current of [{ type: 'absent' }, { type: 'foreign' }, { type: 'release', id: 'gone' }] as const)
      expect(liveRelease(deployed('rL', { current }))).to.equal(undefined)
  })
})

describe('A rollback leads', () => {
  const cases: readonly [deployment: Deployment, to: string | undefined, because: string][] = [
    [deployed('rL'), '1', 'to the release before'],
    [deployed('rrL'), '2', 'to the newest of those before'],
    [deployed('rbL'), '1', 'past one that was bad'],
    [deployed('rf?xL'), '1', 'past what never was live, and what is not ours'],
    [deployed('rLffffff'), '1', 'to the one before the live one, however many failed since'],
    [deployed('rLrr'), '1', 'to no newer one'],
    [deployed('L'), undefined, 'nowhere from the first'],
    [deployed('bL'), undefined, 'nowhere where none was good'],
    [deployed('rr'), '2', 'to the newest where nothing is live'],
    [deployed('rrL', at('2')), '1', 'from what visitors see, whatever is noted'],
    [deployed('rL?', at('3')), '2', 'to what was live until a deploy broke off right after its switch'],
    [deployed(''), undefined, 'nowhere without releases'],
  ]
  for (const [deployment, to, because] of cases)
    it(because, () => {
      expect(previousRelease(deployment)?.id).to.equal(to)
    })
})

describe('Superfluous', () => {
  const cases: readonly [
    deployment: Deployment,
    keep: number,
    gone: string,
    because: string,
    running?: readonly string[],
  ][] = [
    [deployed('rrrrL'), 3, '12', 'is all but so many good ones'],
    [deployed('rrrrL'), 0, '', 'is nothing where all are to stay'],
    [deployed('rrrrL'), 9, '', 'is nothing as long as there are fewer'],
    [deployed('rrrrL'), 1, '123', 'is never what a rollback leads to'],
    [deployed('rrrrr', at('1')), 2, '23', 'is never what visitors see'],
    [deployed('rrL'), 3, '', 'are no good ones because of bad ones'],
    [deployed('rbrbfL'), 3, '245', 'is what did not work and is older than what visitors see'],
    [deployed('rL?f'), 3, '3', 'is not the newest of those that did not work since: it is looked at'],
    [deployed('rLfffff'), 2, '3456', 'is none of the good ones, however many failed'],
    [deployed('rLfffff'), 1, '3456', 'is not even then the target of a rollback'],
    [deployed('fff'), 3, '12', 'is all but the newest where none ever worked'],
    [deployed('xrxrL'), 1, '2', 'is never what is not ours'],
    [deployed('xL', at('1')), 1, '', 'is no release of ours because a foreign one is shown'],
    [deployed('rrrL', { slots: { blue: '1', green: '4' } }), 1, '2', 'is none in a running slot', ['blue']],
    [deployed('rrrL', { slots: { blue: '1', green: '4' } }), 1, '12', 'is one in a slot that stands still'],
    [
      deployed('rrrL', { slots: { blue: 'gone' } }),
      1,
      '12',
      'is no other because a slot had one that is gone',
      ['blue'],
    ],
    [deployed(''), 3, '', 'is nothing of nothing'],
  ]
  for (const [deployment, keep, gone, because, running = []] of cases)
    it(because, () => {
      const ids = superfluous(deployment, { keep, running }).map(({ id }) => id)
      expect(ids.join('')).to.equal(gone)
    })

  it('is nothing that five failed deploys in a row need: a rollback leads to the last good one', () => {
    let deployment = deployed('rrL')
    for (let round = 0; round < 5; round++) {
      const id = String(deployment.releases.length + 10 + round)
      const failed = { id: `9${id}`, state: 'failed', information: {} } as const
      deployment = { ...deployment, releases: [...deployment.releases, failed] }
      const gone = superfluous(deployment, { keep: 1, running: [] })
      deployment = { ...deployment, releases: deployment.releases.filter((one) => !gone.includes(one)) }
    }
    expect(deployment.releases.map(({ state }) => state)).to.deep.equal(['retired', 'live', 'failed'])
    expect(previousRelease(deployment)?.id).to.equal('2')
  })
})

describe('A slot', () => {
  const slots = ['blue', 'green']
  const linked = (socket: string): Deployment => ({
    ...deployed('L'),
    releases: [{ id: '1', state: 'live', information: {}, socket }],
  })

  it('is known by the end of the socket that a release is linked to', () => {
    const [release] = linked('/run/php/shop-green.sock').releases
    expect(slotOf(release, slots)).to.equal('green')
    expect(slotOf(release, [])).to.equal(undefined)
    expect(slotOf(linked('/run/php/evergreen.sock').releases[0], slots)).to.equal(undefined)
    expect(slotOf(deployed('L').releases[0], slots)).to.equal(undefined)
    expect(slotOf(undefined, slots)).to.equal(undefined)
  })

  for (const [deployment, free, because] of [
    [linked('/run/php/shop-blue.sock'), 'green', 'the other one'],
    [linked('/run/php/shop-green.sock'), 'blue', 'the other one'],
    [deployed('L'), 'blue', 'the first where what is live uses none'],
    [deployed(''), 'blue', 'the first where nothing is live'],
  ] as const)
    it(`that is free is ${because}: ${free}`, () => {
      expect(freeSlot(deployment, slots)).to.equal(free)
    })

  it('is not needed where one pool serves all', () => {
    expect(freeSlot(deployed('L'), [])).to.equal(undefined)
  })
})
