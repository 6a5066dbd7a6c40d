import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'

import { underLoad, type Load, type Report } from '../load/load.ts'
import { reportText } from '../load/report-text.ts'
import type { LiveRelease } from '../load/settings.ts'
import { Application, type ReleaseOptions } from './application.ts'
import { failuresOf, project, type JsonRun } from './command.ts'
import { convergedSite, siteArguments } from './converged-site.ts'
import { Deploys, variables } from './deploys.ts'
import { changesSince, stateOf } from './fingerprint.ts'
import { machine, rootOn } from './machine.ts'
import { changedTasks, fetchFrom, siteHost } from './site.ts'

/** All settings of a project for its releases. */
const declared = variables({
  deploy_hooks: {},
  deploy_migration: 'php bin/migrate',
  deploy_health: [
    { path: '/', contains: 'Hello from the database' },
    { path: '/health', contains: '"status":"ok"' },
  ],
})

describe('deploys', () => {
  const target = machine({ name: 'deploy-load', from: () => convergedSite('bookworm') })
  const switches: JsonRun[] = []
  let application: Application
  let deploys: Deploys
  let good: LiveRelease
  let better: LiveRelease
  /** A version whose health page has status 200 and another page's content. */
  let wrong: LiveRelease
  /** A version that fails only after the switch. */
  let treacherous: LiveRelease

  before('a release is live', async () => {
    application = await Application.create()
    const inventory = ['-i', `${project}inventory/production.yml`]
    deploys = await Deploys.create(application, [...inventory, ...siteArguments(target)])
    good = await release('v1')
    better = await release('v2', { migration: 'adds a column' })
    wrong = await release('v3', { health: 'wrong body' })
    treacherous = await release('v4', { health: 'fatal when live and unlucky' })
    expect(failuresOf(await deploys.deploy(good.version))).to.deep.equal([])
    await rootOn(target, 'touch /srv/foobar/shared/log/unlucky')
  })
  after(async () => {
    await application.remove()
    await deploys.remove()
  })

  it('predict the real deploy in a dry run, and write nothing', async () => {
    const before = await stateOf(target)
    const dry = await deploys.deploy(better.version, ...declared, '--check')
    expect(failuresOf(dry)).to.deep.equal([])
    expect(await changesSince(before, target)).to.deep.equal([])

    const run = await deploys.deploy(better.version, ...declared)
    expect(failuresOf(run)).to.deep.equal([])
    switches.push(run)
    const unknown = dry.tasks.filter(({ status }) => status === 'unknown')
    expect(new Set(unknown.map(({ module }) => module))).to.deep.equal(new Set(['deploy_probe', 'shell']))
    const notKnown = new Set(unknown.map(({ task }) => task))
    expect(changedTasks(dry)).to.deep.equal(changedTasks(run).filter((task) => !notKnown.has(task)))
    expect(await fetchFrom(target)).to.include(`version=${better.version};`)
  })

  it('are rolled back within five seconds', async () => {
    const times = [await timeOfRollback()]
    switches.push(await deploys.deploy(better.version, ...declared))
    times.push(await timeOfRollback())
    expect(Math.max(...times), times.join(' ')).to.be.at.most(5)
  })

  /** The seconds from the start of the process to its end. */
  async function timeOfRollback(): Promise<number> {
    const start = performance.now()
    const run = await deploys.rollback(...declared)
    const seconds = (performance.now() - start) / 1000
    expect(failuresOf(run)).to.deep.equal([])
    switches.push(run)
    expect(await fetchFrom(target)).to.include(`version=${good.version};`)
    return seconds
  }

  describe('under load', () => {
    const codes: (number | null)[] = []
    let report: Report
    /** The answer to a form whose second half was sent after its release was rolled back. */
    let late: string

    before('a deploy, one that fails its probe, one that is rolled back, and a rollback', async () => {
      report = await underLoad({ address: target.address, host: siteHost, live: good }, async (load) => {
        await load.window('warm-up', () => load.answers(500))
        await load.answers(1500)
        await during(load, ['deploy', ...tag(better)], [better])
        await during(load, ['deploy', ...tag(wrong)], [])
        await during(load, ['deploy', ...tag(treacherous)], [treacherous, better])
        const sendRest = beginForm()
        await during(load, ['rollback'], [good])
        late = await sendRest()
      })
    })

    /** Performs an action during which visitors may see these releases, and after it only the last of them. */
    async function during(load: Load, [command = '', ...options]: string[], seen: LiveRelease[]) {
      for (const release of seen) await load.allow(release)
      // Usually, the controller is another machine: the cost of starting a process here is excluded.
      const { run } = await load.window('start', async () => {
        const started = deploys.start(command, ...options, ...declared)
        await started.begun
        return started
      })
      const ended = await load.window('deploys', () =>
        load.window([command, ...options].join(' '), () => run),
      )
      codes.push(ended.code)
      switches.push(ended)
      await load.settle()
      await load.answers(1500)
    }

    it('end with the expected exit codes', () => {
      expect(codes).to.deep.equal([0, 1, 3, 0])
    })

    it('lose none of ten thousand requests, and every answer comes from the release in its header', () => {
      expect(report.total.requests).to.be.at.least(10_000)
      expect(report.total.failed, reportText(report)).to.equal(0)
      expect(Object.keys(report.total.releases)).to.have.length(3)
    })

    it('answer a form whose release is rolled back while it is sent', () => {
      expect(late).to.equal(`200 version=${better.version};\nfirst half, second half`)
    })

    it('lose no request according to the logs of the machine', async () => {
      expect(await answered()).to.deep.equal({ 200: report.total.requests })
      expect(await complaints()).to.equal('')
    })

    it('make fast pages at most twice as slow', () => {
      const { quiet, windows } = report
      for (const kind of ['page', 'arrivals', 'idle'] as const) {
        const most = 2 * quiet.visitors[kind]!.p99
        expect(windows['deploys']!.visitors[kind]!.p99, reportText(report)).to.be.at.most(most)
      }
    })

    it('switch within 50 milliseconds', () => {
      const switched = switches.flatMap(({ tasks }) =>
        tasks.filter(({ module, status }) => module === 'deploy_switch' && status === 'changed'),
      )
      const times = switched.map(({ msg }) => Number(/^switched in ([\d.]+) ms$/.exec(msg)?.[1]))
      expect(times).to.have.length(8)
      expect(Math.max(...times), times.join(' ')).to.be.at.most(50)
    })

    it('are listed with their results', async () => {
      const { tasks } = await deploys.start('releases').run
      const [, ...rows] = tasks
        .at(-1)!
        .msg.split('\n')
        .map((row) => row.split(/ {2,}/))
      expect(rows.map(([, , reference, , , state]) => `${reference}: ${state}`)).to.deep.equal([
        ...['v4: bad', 'v2: bad', 'v1: <- current', 'sample: retired'],
      ])
    })

    it('are in the journal of the controller, the rollback last', async () => {
      const [began, ended] = (await deploys.journal()).slice(-2)
      expect(began).to.include({ event: 'started', purpose: 'rollback' })
      expect(ended).to.include({ event: 'ended', run: began!['run'], exitCode: 0 })
      expect(Object.values(ended!['switched'] as object)).to.satisfy(([id]: string[]) =>
        id!.endsWith(good.release),
      )
    })
  })

  async function release(version: string, options: ReleaseOptions = {}): Promise<LiveRelease> {
    const commit = await application.release(version, options)
    return { release: `-${commit.slice(0, 7)}`, version }
  }

  function tag({ version }: LiveRelease): string[] {
    return ['--tag', version]
  }

  function beginForm(): () => Promise<string> {
    const [half, rest] = ['first half', ', second half']
    const form = request({
      ...{ host: target.address, method: 'POST', path: '/form' },
      headers: { Host: siteHost, 'User-Agent': 'a slow one', 'Content-Length': `${half}${rest}`.length },
    })
    form.write(half)
    const response = once(form, 'response') as Promise<[IncomingMessage]>
    response.catch(() => undefined)
    return async () => {
      form.end(rest)
      const [answer] = await response
      return `${answer.statusCode} ${await text(answer)}`
    }
  }

  /** Returns the number of requests of the load by status. Only its clients send no User-Agent. */
  async function answered(): Promise<Record<string, number>> {
    const counts = await rootOn(
      target,
      `awk '/"-"$/ { sub(/^[^"]*"[^"]*" /, ""); print $1 }' /var/log/nginx/access.log | sort | uniq -c`,
    )
    return Object.fromEntries(
      [...counts.matchAll(/(\d+) (\d+)/g)].map(([, count, status]) => [status!, Number(count)]),
    )
  }

  /** Returns the messages of Nginx, PHP-FPM and the kernel about lost requests. */
  function complaints(): Promise<string> {
    return rootOn(
      target,
      `grep -E 'upstream|\\[(alert|emerg)\\]' /var/log/nginx/error.log || [ $? -eq 1 ]
       journalctl --quiet --unit='foobar-php@*' --grep='exited on signal|listen queue' || [ $? -eq 1 ]
       nstat -az TcpExtListenOverflows TcpExtListenDrops | awk '/^Tcp/ && $2 > 0'`,
    )
  }
})
