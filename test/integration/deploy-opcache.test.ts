import { expect } from 'chai'

import { Application } from './application.ts'
import { failuresOf, project, runJson, type JsonRun } from './command.ts'
import { convergedSite, siteArguments } from './converged-site.ts'
import { Deploys, variables } from './deploys.ts'
import { machine, rootOn } from './machine.ts'
import { siteHost, sitePlaybook } from './site.ts'

const versions = Array.from({ length: 12 }, (_, index) => `v${index + 1}`)

// Requests alternate between two releases, so that other load of the machine slows down both.
describe('a small OPcache', () => {
  const target = machine({ name: 'opcache', from: () => convergedSite('bookworm') })
  let application: Application
  let deploys: Deploys
  let settings: readonly string[]
  let first: string

  before('an application of 300 files, and access to any release in its PHP-FPM', async () => {
    application = await Application.create()
    for (const version of versions) await application.release(version, { classes: 300 })
    const inventory = ['-i', `${project}inventory/production.yml`]
    deploys = await Deploys.create(application, [...inventory, ...siteArguments(target)])
    await rootOn(
      target,
      `cat >/etc/nginx/conf.d/any.conf <<'END'
       server {
         listen 127.0.0.1:8082;
         location / {
           include fastcgi_params;
           fastcgi_param SCRIPT_FILENAME /srv/foobar/releases/$arg_release/public/index.php;
           fastcgi_pass unix:/srv/foobar/releases/$arg_release/fpm.sock;
         }
       }
END
       systemctl reload nginx`,
    )
  })
  after(async () => {
    await application.remove()
    await deploys.remove()
  })

  for (const strategy of ['slots', 'single_pool']) {
    it(`serves the twelfth release as fast as the first: ${strategy}`, async () => {
      settings = variables({
        deploy_strategy: strategy,
        php_opcache_memory: 64,
        deploy_warm: [{ path: '/classes', contains: '300 classes' }],
        deploy_keep: 0,
        deploy_probe_times: 1,
      })
      const converged = await runJson([sitePlaybook, ...siteArguments(target), ...settings])
      expect(failuresOf(converged)).to.deep.equal([])
      for (const version of versions) {
        await deploy(version)
        if (version === 'v1') first = await live()
      }
      await serveFirst(strategy)
      expect(await timesAsSlow(await live(), 300)).to.be.at.most(1.5)
    })
  }

  it('would serve a release slowly that does not fit; the next deploy frees space', async () => {
    const releases = (await rootOn(target, 'ls /srv/foobar/releases')).trim().split('\n')
    const others = releases.filter((release) => release > first)
    await rootOn(
      target,
      `for release in ${others.join(' ')}; do curl -sf -o /dev/null "${page('$release')}"; done`,
    )
    expect(await timesAsSlow(others[5]!, 5)).to.be.above(1.5)

    const run = await deploy('v1')
    const reason = run.tasks.find(({ task }) => task === 'Show which services restart')?.msg
    expect(reason).to.include('php8.2-fpm is reloaded: OPcache is full, visitors wait')
    expect(await timesAsSlow(await live(), 300)).to.be.at.most(1.5)
  })

  async function deploy(version: string): Promise<JsonRun> {
    const run = await deploys.deploy(version, ...settings)
    expect(failuresOf(run)).to.deep.equal([])
    return run
  }

  /** Requests the first release in a PHP-FPM that has loaded no other one, as when it was live. */
  async function serveFirst(strategy: string): Promise<void> {
    const folder = '/etc/php/8.2/fpm'
    const pool = strategy === 'slots' ? `${folder}/slots/foobar-blue.conf` : `${folder}/pool.d/foobar.conf`
    await rootOn(
      target,
      `systemctl stop first 2>/dev/null || :
       {
         echo '[global]'
         echo 'error_log = /run/first.log'
         sed -n '/^.foobar.$/,$ { s|^listen = .*|listen = /run/php/first.sock|; p }' ${pool}
       } >/run/first.conf
       ln -sfn /run/php/first.sock /srv/foobar/releases/${first}/fpm.sock
       systemd-run --quiet --unit=first --service-type=notify php-fpm8.2 --nodaemonize --fpm-config /run/first.conf`,
    )
  }

  async function live(): Promise<string> {
    return (await rootOn(target, 'basename "$(readlink /srv/foobar/current)"')).trim()
  }

  /** The page that loads all files. */
  function page(release: string): string {
    return `http://127.0.0.1:8082/classes?release=${release}`
  }

  /** Returns the median time of a page as a multiple of that of the first release, after as many requests to both. */
  async function timesAsSlow(release: string, times: number): Promise<number> {
    const pair = [page(release), page(first)]
    const asked = Array.from({ length: 2 * times }, () => pair).flat()
    const answers = await rootOn(
      target,
      `curl -sf -H 'Host: ${siteHost}' -w '%{time_total}\n' -K - <<'END'
${asked.map((one) => `url = "${one}"\noutput = /dev/null`).join('\n')}
END`,
    )
    const warm = answers
      .trim()
      .split('\n')
      .map(Number)
      .slice(-2 * times)
    const [own, others] = [0, 1].map((side) => median(warm.filter((_, index) => index % 2 === side)))
    return own! / others!
  }
})

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]!
}
