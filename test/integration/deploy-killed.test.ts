import { expect } from 'chai'

import type { RunEvent, TaskFinished } from '../../src/engine/event.ts'
import { sh } from '../../src/target/sh.ts'
import { startLoad, type Load } from '../load/load.ts'
import { reportText } from '../load/report-text.ts'
import { convergedSite } from './converged-site.ts'
import { DeployedSite, type DeployRun, type Variables } from './deployed-site.ts'
import { machine } from './machine.ts'
import { untidiness } from './sight.ts'
import { fetchFrom } from './site.ts'

/** A holder without a heartbeat for two seconds counts as dead; no other run competes with a live one. */
const quickly: Variables = { deploy_lock_heartbeat: 1, deploy_lock_stale_after: 2 }

describe('a deploy whose controller is killed', () => {
  const target = machine({ name: 'killed', from: () => convergedSite('bookworm') })
  let site: DeployedSite
  let load: Load
  let version = 'v1'

  before('deployed, and visited', async () => {
    site = await DeployedSite.open(target)
    load = await startLoad({
      ...{ address: target.address, host: 'www.foobar.com', live: site.liveRelease('v1') },
      crowd: { arrivals: 10 },
    })
  })
  after(async () => {
    await load.stop()
    await site.close()
  })

  /** Starts to deploy the version that is not live. */
  async function begin(
    variables: Variables,
    listener: (event: RunEvent, kill: (signal: NodeJS.Signals) => void) => void,
  ): Promise<DeployRun> {
    version = version === 'v1' ? 'v2' : 'v1'
    await load.allow(site.liveRelease(version))
    const heard = (event: RunEvent) => {
      listener(event, (signal) => started.process.kill(signal))
    }
    const { started, run } = site.start(['deploy', '--tag', version], heard, { ...quickly, ...variables })
    return await run
  }

  /**
   * Expects the next deploy to succeed and to clean up after the killed one; a release that visitors saw before its
   * verification is removed one deploy later.
   */
  async function deployAgain(): Promise<string[]> {
    const { current: seen } = await site.look()
    const { code, stdout, stderr } = await site.deploy(version, quickly)
    await load.settle()
    const left = untidiness(await site.look()).filter((what) => what !== `${seen} is ready`)
    return code === 0 && left.length === 0
      ? []
      : [`code ${String(code)}`, ...left, stdout.slice(-2000), stderr]
  }

  /** Kills a deploy after each step. Returns the steps. */
  async function killAfterEach(
    signal: NodeJS.Signals,
    whenDead: (run: DeployRun) => Promise<string[]>,
  ): Promise<string[]> {
    const killedAfter: string[] = []
    for (;;) {
      const steps: string[] = []
      const run = await begin({}, (event, kill) => {
        if (isStep(event) && steps.push(event.task) === killedAfter.length + 1) kill(signal)
      })
      const last = steps[killedAfter.length]
      if (last === undefined) return killedAfter
      killedAfter.push(last)
      const wrong = [...(await whenDead(run)), ...(await deployAgain())]
      expect(wrong, `${signal} after ${killedAfter.length}. ${last}`).to.deep.equal([])
    }
  }

  it('is completed and cleaned up by the next one after kill -9 at any step', async () => {
    const steps = await killAfterEach('SIGKILL', ({ code }) =>
      Promise.resolve(code === null ? [] : [`it ended with ${code}`]),
    )
    expect(steps[0]).to.equal('Build the artifact of the commit')
    expect(steps).to.include.members(['Acquire the deploy lock', 'Switch visitors to the release'])
    expect(steps.at(-1)).to.equal('Remove old releases')
  })

  it('releases its lock after SIGTERM at any step', async () => {
    const steps = await killAfterEach('SIGTERM', async ({ code, tasks }) => {
      const wasOver = code === 0 && tasks.at(-1)?.module === 'deploy_prune'
      const { isLocked } = await site.look()
      return [
        ...(code === 130 || wasOver ? [] : [`it ended with ${String(code)}`]),
        ...(isLocked ? ['a lock'] : []),
      ]
    })
    expect(steps.at(-1)).to.equal('Remove old releases')
  })

  const long: [what: string, variables: Variables, task: string, process: string][] = [
    [
      'an upload',
      { deploy_build: ['head -c 60000000 /dev/urandom >large'] },
      'Upload the release',
      'dd bs=262144 count=1 iflag=fullblock',
    ],
    [
      'a probe',
      { deploy_health: [{ path: '/health', contains: 'no such text' }], deploy_probe_timeout: 100 },
      'Probe the candidate',
      'curl .*request-0.*',
    ],
    ['a migration', { deploy_migration: 'sleep 311' }, 'Run the database migration', 'sleep 311'],
  ]

  for (const [what, variables, task, process] of long) {
    it(`keeps its lock until its running script ends: ${what}`, async () => {
      let ended: Promise<string> | undefined
      const run = await begin(variables, (event, kill) => {
        if (event.event !== 'task-start' || event.task !== task || ended !== undefined) return
        const begun = site.root(sh`timeout 20 sh -c 'until pgrep -xf "$1"; do :; done' sh ${process}`)
        ended = begun.then(() => {
          kill('SIGKILL')
          return site.root(sh`
            timeout 20 sh -c 'while pgrep -xf "$1"; do :; done' sh ${process} >/dev/null
            cat /srv/foobar/deploy/lock
          `)
        })
      })
      expect(run.code).to.equal(null)
      expect(await ended).to.include(`"purpose":"deploy ${version}"`)
      expect(await deployAgain()).to.deep.equal([])
    })
  }

  it('completes the last requests of the old release', async () => {
    let slow: Promise<string> | undefined
    await begin({}, (event, kill) => {
      if (event.event === 'task' && event.task === 'Probe the candidate with the migrated database')
        slow = fetchFrom(target, '/slow')
      if (event.event === 'task-start' && event.task === 'Wait for the last requests') kill('SIGKILL')
    })
    expect(await deployAgain()).to.deep.equal([])
    expect(await slow)
      .to.match(/^HTTP\S+ 200 /)
      .and.include('better late than never')
  })

  it('affects no visitor', async () => {
    const report = await load.stop()
    expect(report.total.failed, reportText(report)).to.equal(0)
    expect(report.ended).to.equal('when told')
  })
})

/** Skipped tasks and reads change nothing: after them, a kill has the same effect as after the previous step. */
function isStep(event: RunEvent): event is TaskFinished {
  if (event.event !== 'task' || event.status === 'skipped' || event.play === 'Check the hosts') return false
  return event.module !== 'deploy_status' && event.module !== 'debug'
}
