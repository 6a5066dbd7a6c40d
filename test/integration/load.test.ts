import { expect } from 'chai'

import { underLoad, type Load, type Report } from '../load/load.ts'
import { reportText } from '../load/report-text.ts'
import type { LiveRelease, LoadSettings } from '../load/settings.ts'
import { Application, type ReleaseOptions } from './application.ts'
import { failuresOf, runJson } from './command.ts'
import { convergedSite, siteArguments, siteSecrets } from './converged-site.ts'
import { variables } from './deploys.ts'
import { machine } from './machine.ts'
import { SiteByHand } from './site-by-hand.ts'
import { siteHost, sitePlaybook } from './site.ts'

// A harness that has never detected a lost request proves nothing if it detects none.
describe('a load on Nginx and PHP-FPM', () => {
  const target = machine({ name: 'load', from: () => convergedSite('bookworm') })
  let application: Application
  let site: SiteByHand
  let first: LiveRelease
  let second: LiveRelease

  before('with one pool for all releases, of which there are two', async () => {
    application = await Application.create()
    const singlePool = variables({ deploy_strategy: 'single_pool' })
    const converged = await runJson([sitePlaybook, ...siteArguments(target), ...singlePool])
    expect(failuresOf(converged)).to.deep.equal([])
    site = new SiteByHand(target, siteSecrets.app_database_password)
    await application.release('v1')
    await application.release('v2', { migration: 'adds a column' })
    await site.prepare()
    first = await site.place(application, 'v1')
    second = await site.place(application, 'v2')
    await site.makeCurrent(first)
  })
  after(() => application.remove())

  /** Loads the site, and expects Nginx to have counted the same answers as the clients. */
  async function load(action: (load: Load) => Promise<void>): Promise<Report> {
    const settings: LoadSettings = { address: target.address, host: siteHost, live: first }
    const before = await site.answered()
    const report = await underLoad(settings, action)
    const after = await site.answered()
    const answers = [...after].map(([status, count]) => [status, count - (before.get(status) ?? 0)] as const)
    const good = report.total.requests - report.total.failed
    expect(
      Object.fromEntries(answers.filter(([status]) => status < '400')),
      reportText(report),
    ).to.deep.equal({ 200: good })
    const bad = answers.filter(([status]) => status >= '400').reduce((sum, [, count]) => sum + count, 0)
    expect(bad, reportText(report)).to.equal(report.total.failed)
    return report
  }

  it('loses nothing in a quiet time', async () => {
    const report = await load((load) => load.answers(600))
    expect(report.total.failed, reportText(report)).to.equal(0)
    expect(report.total.visitors).to.have.keys('page', 'arrivals', 'slow', 'form', 'file', 'idle')
  })

  it('loses nothing when the symlink to the current release is switched, and switched back', async () => {
    const report = await load(async (load) => {
      await load.answers(100)
      await load.allow(second)
      await site.makeCurrent(second)
      await load.settle()
      await load.answers(200)
      await load.allow(first)
      await site.makeCurrent(first)
      await load.settle()
      await load.answers(200)
    })
    expect(report.total.failed, reportText(report)).to.equal(0)
    expect(report.total.releases).to.have.keys(first.release, second.release)
  })

  it('loses nothing when PHP-FPM is reloaded and lets running requests end', async () => {
    await site.setReloadPatience(30)
    const report = await load(async (load) => {
      await load.answers(200)
      await load.window('reload', async () => {
        await site.reloadPool()
        await load.answers(200)
      })
    })
    expect(report.total.failed, reportText(report)).to.equal(0)
    expect(report.windows['reload']!.requests).to.be.at.least(200)
  })

  it('detects lost requests when PHP-FPM is reloaded and terminates requests', async () => {
    await site.setReloadPatience(0)
    const report = await load(async (load) => {
      await load.answers(200)
      await load.window('reload', async () => {
        await site.reloadPool()
        await load.answers(200)
      })
      await load.answers(200)
    })
    const { reload } = report.windows
    expect(reload!.failed, reportText(report)).to.be.above(0)
    expect(reload!.visitors.slow!.failures.map(({ kind }) => kind)).to.deep.equal(['status'])
    expect(report.quiet.failed, reportText(report)).to.equal(0)
  })

  it('has an application that can be broken on purpose', async () => {
    await site.setReloadPatience(30)
    const broken: [version: string, options: ReleaseOptions, path: string, answer: string][] = [
      ['v3', {}, '/health', '200 {"status":"ok","version":"v3","database":"ok"}\n'],
      ['v4', { health: 'fatal' }, '/health', '500 '],
      ['v5', { health: 'wrong body' }, '/health', '200 It works!\n'],
      ['v6', { syntaxError: true }, '/', '500 '],
      ['v7', { classes: 300 }, '/classes', '200 version=v7;\n300 classes\n'],
    ]
    for (const [version, options, path, answer] of broken) {
      await application.release(version, options)
      await site.makeCurrent(await site.place(application, version))
      expect([version, await site.page(path)]).to.deep.equal([version, answer])
    }
    await application.release('v8', { migration: 'fails' })
    const failure = await site.place(application, 'v8').catch(String)
    expect(failure).to.match(/ended with 1: 999-broken: .*no_such_table/)
  })
})

describe('the application that tests deploy', () => {
  it('has the same commits for every user and at every time', async () => {
    const [once, twice] = [await commits(), await commits()]
    expect(once).to.deep.equal(twice)
    expect(once[0]).not.to.equal(once[1])
  })
})

async function commits(): Promise<string[]> {
  const application = await Application.create()
  try {
    return [await application.release('v1'), await application.release('v2', { health: 'fatal' })]
  } finally {
    await application.remove()
  }
}
