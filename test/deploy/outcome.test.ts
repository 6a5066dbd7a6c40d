import { expect } from 'chai'

import type { HostOutcome } from '../../src/deploy/journal.ts'
import { DeployOutcome } from '../../src/deploy/outcome.ts'
import type { RunEvent, TaskFinished } from '../../src/engine/event.ts'

type Told = Pick<TaskFinished, 'module' | 'status'> & { readonly host?: string; readonly ignored?: true }

function play(...hosts: readonly string[]): RunEvent {
  return { event: 'play', play: 'Deploy', hosts, file: 'deploy.yml', line: 1 }
}

function task({ host = 'web1', status, ...rest }: Told): RunEvent {
  const place = { play: 'Deploy', task: 'A task', file: 'deploy.yml', line: 1 }
  const changed = status === 'changed'
  return { event: 'task', ...place, host, status, changed, changes: [], msg: '', seconds: 0, ...rest }
}

function outcomeOf(events: readonly RunEvent[]): DeployOutcome {
  const outcome = new DeployOutcome()
  for (const event of events) outcome.handle(event)
  return outcome
}

const looked: Told = { module: 'deploy_status', status: 'ok' }
const built: Told = { module: 'deploy_release', status: 'changed' }
const switched: Told = { module: 'deploy_switch', status: 'changed' }
const failed: Told = { module: 'deploy_probe', status: 'failed' }
const ignored: Told = { module: 'uri', status: 'failed', ignored: true }
const lost: Told = { module: 'command', status: 'unreachable' }
const interrupted: Told = { module: 'deploy_probe', status: 'unknown' }

describe('the outcome of a deploy on a host', () => {
  const cases: readonly [events: readonly Told[], outcome: HostOutcome, because: string][] = [
    [[], 'untouched', 'no task ran'],
    [[looked], 'unchanged', 'only the status was read'],
    [[looked, { module: 'deploy_switch', status: 'ok' }], 'unchanged', 'the release was live already'],
    [[looked, built, switched], 'switched', 'the release is live'],
    [[looked, built, failed], 'failed', 'the release failed before it was live'],
    [[failed], 'failed', 'the first task failed'],
    [[looked, { module: 'deploy_lock', status: 'failed' }], 'failed', 'another deploy held the lock'],
    [
      [looked, switched, failed, looked, switched, failed],
      'rolled back',
      'the previous release is live again',
    ],
    [[looked, switched, ignored], 'switched', 'a task after the switch failed and was ignored'],
    [[looked, ignored], 'unchanged', 'a failure was ignored'],
    [[looked, switched, failed], 'switched', 'the release failed and there is no previous release'],
    [[looked, lost], 'unreachable', 'the connection was lost'],
    [[looked, interrupted], 'interrupted', 'the run was interrupted'],
    [[looked, switched, interrupted], 'switched', 'the run was interrupted after the switch'],
  ]
  for (const [events, expected, because] of cases)
    it(`reports '${expected}' if ${because}`, () => {
      expect(outcomeOf([play('web1'), ...events.map(task)]).hosts()).to.deep.equal({ web1: expected })
    })

  it('reports the outcome on each host of each play except the controller', () => {
    const outcome = outcomeOf([
      play('web1', 'web2'),
      ...['web1', 'web2'].map((host) => task({ ...looked, host })),
      play('localhost'),
      task({ module: 'deploy_artifact', status: 'failed', host: 'localhost' }),
      play('web1', 'web2', 'web3'),
      task(switched),
      task({ ...failed, host: 'web2' }),
    ])
    expect(outcome.hosts()).to.deep.equal({ web1: 'switched', web2: 'failed', web3: 'untouched' })
    expect([...outcome.switched().keys()]).to.deep.equal(['web1'])
  })

  it('passes every event on', () => {
    const seen: RunEvent[] = []
    const outcome = new DeployOutcome((event) => seen.push(event))
    const events = [play('web1'), task(switched)]
    for (const event of events) outcome.handle(event)
    expect(seen).to.deep.equal(events)
  })
})
