import { expect } from 'chai'

import { underLoad } from '../load/load.ts'
import { reportText } from '../load/report-text.ts'
import { Application } from './application.ts'
import { failuresOf, project, runJson, type JsonRun } from './command.ts'
import { convergedSite, siteArguments } from './converged-site.ts'
import { Deploys, variables } from './deploys.ts'
import { machine, rootOn } from './machine.ts'
import { changedTasks, fetchFrom, siteHost, sitePlaybook } from './site.ts'

const pool = 'php8.2-fpm'
const singlePool = variables({ deploy_strategy: 'single_pool' })
const announced = 'Show which services restart'
const reload = 'Reload the shared PHP-FPM pool'

describe('deploys with one pool for all releases', () => {
  const target = machine({ name: 'pool', from: () => convergedSite('bookworm') })
  let application: Application
  let deploys: Deploys

  before('with slots, a release is live', async () => {
    application = await Application.create()
    const inventory = ['-i', `${project}inventory/production.yml`]
    deploys = await Deploys.create(application, [...inventory, ...siteArguments(target)])
    await application.release('v1')
    expect(failuresOf(await deploys.deploy('v1'))).to.deep.equal([])
  })
  after(async () => {
    await application.remove()
    await deploys.remove()
  })

  function site(...options: readonly string[]): Promise<JsonRun> {
    return runJson([sitePlaybook, ...siteArguments(target), ...options])
  }

  async function liveRelease(): Promise<string> {
    return /^X-Release: (.*)\r$/m.exec(await fetchFrom(target))![1]!
  }

  /** Returns the running PHP-FPM processes with their start times. */
  function running(): Promise<string> {
    return rootOn(
      target,
      `for unit in ${pool} foobar-php@blue foobar-php@green; do
         if systemctl is-active --quiet "$unit"; then echo "$unit"; fi
       done`,
    )
  }

  it('start and end while visitors are served', async () => {
    const live = { release: await liveRelease(), version: 'v1' }
    // A client with an idle connection can lose a request to a reload of Nginx; this test has no such client.
    const report = await underLoad({ address: target.address, host: siteHost, live }, async (load) => {
      await load.answers(100)
      expect(failuresOf(await site(...singlePool))).to.deep.equal([])
      await load.answers(100)
      expect(await running()).to.equal(`${pool}\n`)
      expect(failuresOf(await site())).to.deep.equal([])
      await load.answers(100)
      expect(await running()).to.equal('foobar-php@blue\n')
      expect(failuresOf(await site(...singlePool))).to.deep.equal([])
      await load.answers(100)
    })
    expect(report.total.failed, reportText(report)).to.equal(0)
    expect(changedTasks(await site(...singlePool))).to.deep.equal([])
  })

  it('reload nothing', async () => {
    const before = await starts()
    await application.release('v2')
    const run = await deploys.deploy('v2', ...singlePool)
    expect(failuresOf(run)).to.deep.equal([])
    expect(messageOf(run, announced)).to.include('nothing is reloaded')
    expect(changedTasks(run)).not.to.include(reload)
    expect(await fetchFrom(target)).to.include('version=v2;')
    expect(await starts()).to.equal(before)

    expect(failuresOf(await deploys.rollback(...singlePool))).to.deep.equal([])
    expect(await fetchFrom(target)).to.include('version=v1;')
    expect(await starts()).to.equal(before)
  })

  it('reload PHP-FPM if its settings changed, and announce the cost', async () => {
    const before = await starts()
    await rootOn(target, `echo '; by hand' >>/etc/php/8.2/fpm/conf.d/90-settings.ini`)
    await application.release('v3')
    const announcement =
      /^2\. php8\.2-fpm is reloaded: \S+90-settings\.ini changed, visitors wait .* 30 seconds at most$/m
    const dry = await deploys.deploy('v3', ...singlePool, '--check')
    expect(failuresOf(dry)).to.deep.equal([])
    expect(messageOf(dry, announced)).to.match(announcement)
    expect(await starts()).to.equal(before)

    const run = await deploys.deploy('v3', ...singlePool)
    expect(failuresOf(run)).to.deep.equal([])
    expect(messageOf(run, announced)).to.match(announcement)
    const steps = [announced, 'Switch visitors to the release', reload]
    expect(run.tasks.map(({ task }) => task).filter((task) => steps.includes(task))).to.deep.equal(steps)
    expect(await fetchFrom(target)).to.include('version=v3;')
    expect(await starts()).not.to.equal(before)
    expect(messageOf(await deploys.rollback(...singlePool), announced)).to.include('nothing is reloaded')
  })

  it('are refused if a reload would terminate running requests', async () => {
    const live = await liveRelease()
    const settings = '/etc/php/8.2/fpm/pool.d/00-global.conf'
    await rootOn(target, `sed -i 's/^process_control_timeout = .*/process_control_timeout = 0/' ${settings}`)
    await application.release('v4')
    for (const run of [await deploys.deploy('v4', ...singlePool), await deploys.rollback(...singlePool)]) {
      expect(run.code).to.equal(1)
      expect(failuresOf(run).join('\n')).to.include(`process_control_timeout of ${pool} is 0`)
    }
    expect(await liveRelease()).to.equal(live)
    expect(await rootOn(target, 'cat /srv/foobar/releases/*/src/version.php')).not.to.include('v4')
  })

  /** Returns the time of the last start or reload of PHP-FPM. */
  function starts(): Promise<string> {
    return rootOn(target, `curl -s 'http://127.0.0.1:8081/.status/pool?json' | grep -o '"start time":[0-9]*'`)
  }
})

function messageOf(run: JsonRun, task: string): string | undefined {
  return run.tasks.find((finished) => finished.task === task)?.msg
}
