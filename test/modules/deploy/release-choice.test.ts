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

/** Returns a deployment with releases 1, 2, … in these states, where `current` points to the last live one. */
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

describe('The live release', () => {
  it('is the one to which current points, in any state', () => {
    expect(liveRelease(deployed('rr', at('1')))?.id).to.equal('1')
    expect(liveRelease(deployed('rL'))?.id).to.equal('2')
  })

  it('is undefined if current is missing, dangling or not a symlink', () => {
    for (const current of [{ type: 'absent' }, { type: 'foreign' }, { type: 'release', id: 'gone' }] as const)
      expect(liveRelease(deployed('rL', { current }))).to.equal(undefined)
  })
})

describe('A rollback', () => {
  const cases: readonly [deployment: Deployment, to: string | undefined, title: string][] = [
    [deployed('rL'), '1', 'switches to the previous release'],
    [deployed('rrL'), '2', 'switches to the newest of several previous releases'],
    [deployed('rbL'), '1', 'skips a bad release'],
    [deployed('rf?xL'), '1', 'skips foreign releases and those that were never live'],
    [deployed('rLffffff'), '1', 'switches to the previous release, however many failed since'],
    [deployed('rLrr'), '1', 'does not switch to a newer release'],
    [deployed('L'), undefined, 'has no target from the first release'],
    [deployed('bL'), undefined, 'has no target if no earlier release was good'],
    [deployed('rr'), '2', 'switches to the newest good release if none is live'],
    [
      deployed('rrL', at('2')),
      '1',
      'starts from the release to which current points, whatever the states are',
    ],
    [deployed('rL?', at('3')), '2', 'switches to the release that was live when a deploy was interrupted'],
    [deployed(''), undefined, 'has no target without releases'],
  ]
  for (const [deployment, to, title] of cases)
    it(title, () => {
      expect(previousRelease(deployment)?.id).to.equal(to)
    })
})

describe('The list of superfluous releases', () => {
  const cases: readonly [
    deployment: Deployment,
    keep: number,
    gone: string,
    title: string,
    running?: readonly string[],
  ][] = [
    [deployed('rrrrL'), 3, '12', 'contains all but the given number of good releases'],
    [deployed('rrrrL'), 0, '', 'is empty if all releases are kept'],
    [deployed('rrrrL'), 9, '', 'is empty if there are fewer releases than the given number'],
    [deployed('rrrrL'), 1, '123', 'does not contain the target of a rollback'],
    [deployed('rrrrr', at('1')), 2, '23', 'does not contain the live release'],
    [deployed('rrL'), 3, '', 'is empty if there are exactly as many good releases as the given number'],
    [deployed('rbrbfL'), 3, '245', 'contains the releases that failed before the live one'],
    [deployed('rL?f'), 3, '3', 'does not contain the newest release that failed after the live one'],
    [deployed('rLfffff'), 2, '3456', 'does not contain good releases because of later failures'],
    [deployed('rLfffff'), 1, '3456', 'does not contain the target of a rollback because of later failures'],
    [deployed('fff'), 3, '12', 'contains all but the newest release if none ever worked'],
    [deployed('xrxrL'), 1, '2', 'does not contain foreign releases'],
    [deployed('xL', at('1')), 1, '', 'does not contain a good release because a foreign one is live'],
    [
      deployed('rrrL', { slots: { blue: '1', green: '4' } }),
      1,
      '2',
      'does not contain the release of a running slot',
      ['blue'],
    ],
    [
      deployed('rrrL', { slots: { blue: '1', green: '4' } }),
      1,
      '12',
      'contains the release of a stopped slot',
    ],
    [
      deployed('rrrL', { slots: { blue: 'gone' } }),
      1,
      '12',
      'is not changed by a running slot whose release is gone',
      ['blue'],
    ],
    [deployed(''), 3, '', 'is empty without releases'],
  ]
  for (const [deployment, keep, gone, title, running = []] of cases)
    it(title, () => {
      const ids = superfluous(deployment, { keep, running }).map(({ id }) => id)
      expect(ids.join('')).to.equal(gone)
    })

  it('does not contain the target of a rollback after five failed deploys in a row', () => {
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

  it('is recognized by the end of the socket to which a release is linked', () => {
    const [release] = linked('/run/php/shop-green.sock').releases
    expect(slotOf(release, slots)).to.equal('green')
    expect(slotOf(release, [])).to.equal(undefined)
    expect(slotOf(linked('/run/php/evergreen.sock').releases[0], slots)).to.equal(undefined)
    expect(slotOf(deployed('L').releases[0], slots)).to.equal(undefined)
    expect(slotOf(undefined, slots)).to.equal(undefined)
  })

  for (const names of [
    ['blue', 'dark-blue'],
    ['dark-blue', 'blue'],
  ])
    it(`is recognized among ${names.join(' and ')} although one name ends with the other`, () => {
      const slotAt = (socket: string) => slotOf(linked(socket).releases[0], names)
      expect(slotAt('/run/php/shop-dark-blue.sock')).to.equal('dark-blue')
      expect(slotAt('/run/php/shop-blue.sock')).to.equal('blue')
      expect(freeSlot(linked('/run/php/shop-dark-blue.sock'), names)).to.equal('blue')
    })

  for (const [deployment, free, situation] of [
    [linked('/run/php/shop-blue.sock'), 'green', 'blue serves visitors'],
    [linked('/run/php/shop-green.sock'), 'blue', 'green serves visitors'],
    [deployed('L'), 'blue', 'the live release uses none'],
    [deployed(''), 'blue', 'no release is live'],
  ] as const)
    it(`is free if ${situation}: ${free}`, () => {
      expect(freeSlot(deployment, slots)).to.equal(free)
    })

  it('is never free if one pool serves all releases', () => {
    expect(freeSlot(deployed('L'), [])).to.equal(undefined)
  })
})
