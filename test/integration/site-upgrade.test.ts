import { expect } from 'chai'

import { underLoad } from '../load/load.ts'
import { reportText } from '../load/report-text.ts'
import { Application } from './application.ts'
import { failuresOf, project, runJson, type JsonRun } from './command.ts'
import { convergedSite, siteArguments } from './converged-site.ts'
import { Deploys, variables } from './deploys.ts'
import { machine, rootOn } from './machine.ts'
import { changedTasks, fetchFrom, siteHost, sitePlaybook } from './site.ts'

/** The former directory of PHP-FPM's sockets, to which www-data can write. */
const former = {
  php_fpm_sockets: {
    blue: '/run/php/foobar-blue.sock',
    green: '/run/php/foobar-green.sock',
    pool: '/run/php/foobar.sock',
  },
  php_fpm_unit_settings: { ReadWritePaths: ['/run/php'] },
}

describe('a site whose PHP-FPM listens in a directory of www-data', () => {
  const target = machine({ name: 'site-upgrade', from: () => convergedSite('bookworm') })
  let application: Application
  let deploys: Deploys

  before('a release is live', async () => {
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

  function converge(settings: Readonly<Record<string, unknown>>, ...more: string[]): Promise<JsonRun> {
    return runJson([sitePlaybook, ...siteArguments(target), ...variables(settings), ...more])
  }

  function socket(): Promise<string> {
    return rootOn(target, 'readlink /srv/foobar/current/fpm.sock')
  }

  // The symlink needs the socket of the slot, which PHP-FPM creates when it starts: a dry run cannot predict more.
  const untilRestart = /^unknown \(until foobar-php@(?:blue|green) is restarted\)$/
  for (const [deploy_strategy, place, told] of [
    ['slots', /^\/run\/foobar-php\/slot-(?:blue|green)\.sock\n$/, { status: 'unknown', msg: untilRestart }],
    ['single_pool', /^\/run\/foobar-php\/pool\.sock\n$/, { status: 'changed', msg: /^$/ }],
  ] as const)
    describe(`with deploy_strategy: ${deploy_strategy}`, () => {
      before('set up as in the previous version', async () => {
        expect(failuresOf(await converge({ deploy_strategy, ...former }))).to.deep.equal([])
        await rootOn(target, 'chown www-data: /run/php')
        expect(await socket()).to.match(/^\/run\/php\/foobar/)
      })

      it('refuses a deploy until site.yml has run', async () => {
        const run = await deploys.deploy('v1', ...variables({ deploy_strategy, deploy_force: true }))
        expect(run.code).to.equal(1)
        expect(failuresOf(run).join()).to.include('run playbooks/site.yml first')
      })

      it('serves its visitors even if only a part of site.yml runs', async () => {
        for (const tag of ['php', 'nginx'])
          expect(failuresOf(await converge({ deploy_strategy }, '--tags', tag))).to.deep.equal([])
        expect(await fetchFrom(target)).to.include('version=v1;')
      })

      it('is rehearsed without a failure', async () => {
        const dry = await converge({ deploy_strategy }, '--check')
        expect(failuresOf(dry)).to.deep.equal([])
        const move = dry.tasks.find(({ task }) => task === 'Move the live release to the new PHP-FPM')
        expect(move?.status).to.equal(told.status)
        expect(move?.msg ?? '').to.match(told.msg)
      })

      it('moves to a directory that only root can write to, and loses no request', async () => {
        const release = /^X-Release: (.*)\r$/m.exec(await fetchFrom(target))![1]!
        const live = { release, version: 'v1' }
        const report = await underLoad({ address: target.address, host: siteHost, live }, async (load) => {
          await load.answers(200)
          expect(failuresOf(await converge({ deploy_strategy }))).to.deep.equal([])
          await load.answers(200)
        })
        expect(report.total.failed, reportText(report)).to.equal(0)
        expect(await socket()).to.match(place)
        expect(await rootOn(target, 'stat -c "%U %a" /run/php /run/foobar-php')).to.equal(
          'root 755\nroot 755\n',
        )
        expect(changedTasks(await converge({ deploy_strategy }))).to.deep.equal([])
        expect(await rootOn(target, 'systemctl list-units --state=failed --no-legend')).to.equal('')
      })
    })
})
