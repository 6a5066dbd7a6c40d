import { readFileSync } from 'node:fs'
import { expect } from 'chai'

import { failuresOf, project, runJson, type JsonRun } from './command.ts'
import { convergedSite, siteArguments, siteSecrets } from './converged-site.ts'
import { DeployedSite } from './deployed-site.ts'
import { variables } from './deploys.ts'
import { machine, rootOn } from './machine.ts'
import { fetchFrom, sitePlaybook } from './site.ts'

const swap = readFileSync(`${project}test/attack/swap.pl`, 'utf8')

/** Two shared directories with plain names, and one that two symlinks of a release point into; Nginx knows one of them. */
const shared = {
  app_public_links: { known: 'storage/public' },
  nginx_php_scripts: 'all',
  deploy_shared_directories: ['public/media', 'public/uploads', 'storage'],
}

/** A program whose source does not contain its output. */
const program = `<?php echo 'exec' . 'uted';`

describe('an attacked site', () => {
  const target = machine({ name: 'site-attacks', from: () => convergedSite('bookworm') })
  let site: DeployedSite

  before('deploy an application that accepts uploads', async () => {
    expect(failuresOf(await converge(shared))).to.deep.equal([])
    site = await DeployedSite.open(target)
    const deployed = await site.deploy('v2', shared)
    expect(deployed.code, deployed.stderr).to.equal(0)
    await rootOn(target, `cat >/tmp/swap.pl <<'END'\n${swap}END`)
  })
  after(() => site.close())

  function converge(settings: Readonly<Record<string, unknown>>, ...more: string[]): Promise<JsonRun> {
    return runJson([sitePlaybook, ...siteArguments(target), ...variables(settings), ...more])
  }

  describe('by an Nginx worker that was taken over', () => {
    const attacked = {
      'a slot of PHP-FPM': ['foobar-php@green', '/etc/php/8.2/fpm/slots/foobar-green.conf', 200],
      "the package's pool": ['php8.2-fpm', '/etc/php/8.2/fpm/pool.d/www.conf', 50],
    } as const
    for (const [name, [unit, configuration, starts]] of Object.entries(attacked))
      it(`gives the worker no file of other users when ${name} starts`, async () => {
        const given = await rootOn(
          target,
          `umask 077
           echo secret >/etc/victim
           chown root:root /etc/victim
           systemctl stop ${unit}
           socket=$(sed -n 's/^listen = //p' ${configuration})
           mkdir -p "\${socket%/*}"
           mkfifo /tmp/swaps
           exec 3<>/tmp/swaps
           runuser -u www-data -- perl /tmp/swap.pl "\${socket%/*}" "\${socket##*/}" /etc/victim >/tmp/swaps 2>&1 &
           attacker=$!
           # it reports that it is ready, or why it cannot begin
           head -n 1 <&3 >/dev/null
           given=0
           for start in $(seq ${starts}); do
             systemctl start ${unit} || :
             if [ "$(stat -c %U /etc/victim)" != root ]; then given=$((given + 1)); chown root:root /etc/victim; fi
             systemctl stop ${unit}
             systemctl reset-failed ${unit} 2>/dev/null || :
           done
           kill "$attacker" 2>/dev/null || :
           rm -f /tmp/swaps
           echo "$given of ${starts}"`,
        )
        expect(given).to.equal(`0 of ${starts}\n`)
      })

    it('ends no process of other users when the logs of PHP-FPM are rotated', async () => {
      const ended = await rootOn(
        target,
        `sleep 1000 &
         victim=$!
         runuser -u www-data -- sh -c "echo $victim >/run/php/php8.2-fpm.pid" 2>/dev/null || :
         /usr/lib/php/php8.2-fpm-reopenlogs
         kill "$victim"
         wait "$victim" || echo "by signal $(($? - 128))"`,
      )
      expect(ended).to.equal('by signal 15\n')
    })
  })

  describe('by uploads of visitors', () => {
    const names = ['x.php', 'x.PHP', 'x.phtml', 'x.phar', 'x.php5', 'x.pht', 'x.phps', 'index.php', 'a/x.php']
    const requests = [
      ...names.map((name) => `/${name}`),
      ...[
        '/x%2ephp',
        '/x.ph%70',
        '//x.php',
        '/./x.php',
        '/a/../x.php',
        '/x.php/more',
        '/x.jpg/x.php',
        '/a/',
        '/',
      ],
    ]

    before(() =>
      rootOn(
        target,
        `cd /srv/foobar
         # as a release brings it
         ln -s ../storage/public current/public/files
         ln -s ../storage/public current/public/known
         for folder in shared/public/media shared/public/uploads shared/storage/public; do
           runuser -u foobar -- mkdir -p "$folder/a"
           for name in ${names.join(' ')} x.jpg; do
             printf %s ${quoted(program)} | runuser -u foobar -- tee "$folder/$name" >/dev/null
           done
         done
         printf %s ${quoted(program)} >current/public/own.php`,
      ),
    )

    for (const folder of ['media', 'uploads', 'files', 'known', 'Media'])
      it(`runs no upload, and shows no source: /${folder}`, async () => {
        for (const request of requests) {
          const answer = await fetchFrom(target, `/${folder}${request}`)
          expect(answer, request).not.to.include('executed')
          expect(answer, request).not.to.include('<?php')
        }
      })

    it('still serves uploads, and runs the programs of a release', async () => {
      expect(await fetchFrom(target, '/media/x.jpg'))
        .to.match(/^HTTP\/1\.1 200 /)
        .and.include(program)
      expect(await fetchFrom(target, '/known/x.jpg'))
        .to.match(/^HTTP\/1\.1 200 /)
        .and.include(program)
      expect(await fetchFrom(target, '/own.php')).to.include('executed')
    })

    it('runs no upload if the front controller is the only program', async () => {
      expect(failuresOf(await converge({ ...shared, nginx_php_scripts: 'front_controller' }))).to.deep.equal(
        [],
      )
      for (const request of requests) {
        const answer = await fetchFrom(target, `/media${request}`)
        expect(answer, request).not.to.include('executed')
        expect(answer, request).not.to.include('<?php')
      }
      expect(await fetchFrom(target, '/own.php')).to.match(/^HTTP\/1\.1 404 /)
      expect(failuresOf(await converge(shared))).to.deep.equal([])
    })

    it('refuses to share the directory of the programs themselves', async () => {
      const run = await converge({ ...shared, deploy_shared_directories: ['public'] })
      expect(run.code).to.equal(1)
      expect(failuresOf(run).join()).to.include('share directories inside it instead')
    })

    it('refuses symlinks into shared directories without their targets', async () => {
      const run = await converge({ ...shared, app_public_links: ['known'] })
      expect(run.code).to.equal(1)
      expect(failuresOf(run).join()).to.include('app_public_links must map each symlink to its target')
    })

    it('rejects a release that shares a directory that Nginx is not configured for', async () => {
      const directories = [...shared.deploy_shared_directories, 'public/new']
      const { code, stdout } = await site.deploy('v2', { ...shared, deploy_shared_directories: directories })
      expect(code).to.equal(1)
      expect(stdout).to.include('run playbooks/site.yml first')
    })
  })

  describe('by its own application', () => {
    it('shows visitors no file of other users through symlinks', async () => {
      await rootOn(
        target,
        `cd /srv/foobar/shared/public/media
         runuser -u foobar -- ln -s /var/log/nginx/access.log log.txt
         runuser -u foobar -- ln -s /var/log/nginx logs
         runuser -u foobar -- ln -s x.jpg own.jpg`,
      )
      for (const path of ['/media/log.txt', '/media/logs/access.log'])
        expect(await fetchFrom(target, path), path).not.to.include('"GET /')
      expect(await fetchFrom(target, '/media/own.jpg')).to.match(/^HTTP\/1\.1 200 /)
    })

    it('shows visitors no file of other users through a replaced parent directory', async () => {
      // as on a machine that was set up by hand
      await rootOn(target, 'chown foobar /srv/foobar/shared/public')
      const ways = [
        ['storage', 'public', 'known'],
        ['public', 'media', 'media'],
      ] as const
      for (const [parent, directory, url] of ways)
        for (const [leads, path] of [
          ['/var/log/nginx', 'access.log'],
          ['/', 'var/log/nginx/access.log'],
        ] as const) {
          await rootOn(
            target,
            `cd /srv/foobar/shared/${parent}
             runuser -u foobar -- mv ${directory} away
             runuser -u foobar -- ln -s ${leads} ${directory}`,
          )
          const answer = await fetchFrom(target, `/${url}/${path}`)
          await rootOn(target, `cd /srv/foobar/shared/${parent} && rm ${directory} && mv away ${directory}`)
          expect(answer, `/${url}/${path}`).not.to.include('"GET /')
          expect(await fetchFrom(target, `/${url}/x.jpg`)).to.match(/^HTTP\/1\.1 200 /)
        }
      await rootOn(target, 'chown root /srv/foobar/shared/public')
    })

    it('still shows the files that a release has in its own directories', async () => {
      const own = await rootOn(
        target,
        `cd /srv/foobar/current/public
         mv media /tmp/media-link
         mkdir media
         echo 'of the release' >media/own.txt
         curl -s -H 'Host: www.foobar.com' http://127.0.0.1/media/own.txt
         rm -r media
         mv /tmp/media-link media`,
      )
      expect(own).to.equal('of the release\n')
      expect(await fetchFrom(target, '/media/x.jpg')).to.match(/^HTTP\/1\.1 200 /)
    })

    it('hides the password of a migration from the application', async () => {
      const waiting = `touch /tmp/migrating; until [ -e /tmp/go-on ]; do sleep 0.1; done; bin/migrate`
      await site.release('v3')
      const deploy = site.deploy('v3', { ...shared, deploy_migration: waiting })
      const seen = await rootOn(
        target,
        `until [ -e /tmp/migrating ]; do sleep 0.1; done
         runuser -u foobar -- sh -c 'cat /proc/[0-9]*/environ' 2>/dev/null | tr '\\0' '\\n' | grep '^DB_' || :
         touch /tmp/go-on`,
      )
      const { code, stderr } = await deploy
      expect(seen).to.equal('')
      expect(code, stderr).to.equal(0)
    })

    it('makes root write to no file of other users through the log of PHP', async () => {
      const victim = await rootOn(
        target,
        `echo untouched >/etc/victim
         runuser -u foobar -- ln -sf /etc/victim /srv/foobar/shared/log/php.log
         # PHP-FPM complains while it starts, as root
         broken=/etc/php/8.2/fpm/conf.d/99-broken.ini
         echo 'extension=no-such' >$broken
         php-fpm8.2 -t
         rm $broken /srv/foobar/shared/log/php.log
         cat /etc/victim`,
      )
      expect(victim).to.equal('untouched\n')
    })

    it('sends no files of the machine to the database', async () => {
      const load = `LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE greetings FIELDS TERMINATED BY 'x' (text)`
      const refused = await rootOn(
        target,
        `mariadb --user=foobar --password=${quoted(siteSecrets.app_database_password)} --local-infile=1 \
           --execute=${quoted(load)} foobar 2>&1 || :`,
      )
      expect(refused).to.match(/^ERROR (?:1148|4166) /m)
    })

    it('confines the application to its directories, which it can use', async () => {
      await rootOn(
        target,
        `cat >/srv/foobar/current/public/reach.php <<'END'
<?php
session_start();
$_SESSION['asked'] = ($_SESSION['asked'] ?? 0) + 1;
error_log('reached the log');
foreach (['/srv/foobar/shared/public/media/new', '/tmp/new', '/var/tmp/new', '/srv/foobar/new', '/run/foobar-php/new'] as $file)
    echo @file_put_contents($file, 'x') === false ? 'no ' : 'yes ', $file, "\\n";
echo 'asked ', $_SESSION['asked'], "\\n", file_get_contents('/proc/self/status');
echo count(array_filter(glob('/proc/[0-9]*'), fn ($one) => fileowner($one) !== posix_geteuid())), " of others\\n";
END`,
      )
      const answer = await fetchFrom(target, '/reach.php')
      expect(answer).to.include('yes /srv/foobar/shared/public/media/new\nyes /tmp/new\nyes /var/tmp/new\n')
      expect(answer).to.include('no /srv/foobar/new\nno /run/foobar-php/new\nasked 1\n')
      expect(answer)
        .to.match(/^NoNewPrivs:\t1$/m)
        .and.match(/^Seccomp:\t2$/m)
        .and.match(/^0 of others$/m)
      expect(await rootOn(target, 'ls /tmp/new 2>&1 || :')).to.include('No such file')
      expect(await rootOn(target, 'grep -c "reached the log" /srv/foobar/shared/log/php.log')).to.equal('1\n')
    })

    it('sets session cookies that no script can read and no other site can use', async () => {
      const first = cookieOf(await fetchFrom(target, '/reach.php'))
      expect(first).to.match(/; HttpOnly; SameSite=Lax$/)
      expect(first).not.to.match(/; secure/i)
      const chosen = await rootOn(
        target,
        `curl -si -H 'Host: www.foobar.com' -H 'Cookie: PHPSESSID=chosenbyanotherone' http://127.0.0.1/reach.php`,
      )
      expect(cookieOf(chosen)).not.to.include('chosenbyanotherone')
      const [id = ''] = first.split(';')
      const again = await rootOn(
        target,
        `curl -s -H 'Host: www.foobar.com' -H 'Cookie: ${id}' http://127.0.0.1/reach.php`,
      )
      expect(again).to.include('asked 2\n')
      expect(failuresOf(await converge({ ...shared, php_session_cookie_secure: true }))).to.deep.equal([])
      expect(cookieOf(await fetchFrom(target, '/reach.php'))).to.match(/; secure; HttpOnly; SameSite=Lax$/i)
    })

    it('follows no symlink that the application left in its former directories', async () => {
      await rootOn(
        target,
        `mkdir -m 0700 /etc/victims
         cd /srv/foobar
         chown foobar . releases shared deploy deploy/states deploy/slots
         mv shared/log shared/log-before
         runuser -u foobar -- ln -s /etc/victims shared/log`,
      )
      const run = await converge(shared)
      expect(failuresOf(run).join()).to.include('/srv/foobar/shared/log is a link, not a directory')
      expect(await rootOn(target, 'stat -c "%U %a" /etc/victims')).to.equal('root 700\n')

      await rootOn(target, 'cd /srv/foobar/shared && rm log && mv log-before log')
      expect(failuresOf(await converge(shared))).to.deep.equal([])
      const owners = await rootOn(
        target,
        `cd /srv/foobar
         stat -c '%U:%G %a %n' . releases shared deploy deploy/states deploy/slots shared/log`,
      )
      expect(owners.trim().split('\n')).to.deep.equal([
        ...['.', 'releases', 'shared', 'deploy', 'deploy/states', 'deploy/slots'].map(
          (path) => `root:root 755 ${path}`,
        ),
        'foobar:foobar 750 shared/log',
      ])
    })
  })

  describe('through its units', () => {
    it('limits the exposure of each unit that visitors reach to 4.0', async () => {
      for (const unit of ['nginx', 'foobar-php@blue', 'foobar-php@green'])
        expect(await exposureOf(unit), unit).to.be.at.most(4)
      const onePool = { ...shared, deploy_strategy: 'single_pool' }
      expect(failuresOf(await converge(onePool))).to.deep.equal([])
      expect(await exposureOf('php8.2-fpm')).to.be.at.most(4)
      expect(await fetchFrom(target)).to.include('version=v3;')
    })
  })

  async function exposureOf(unit: string): Promise<number> {
    const answer = await rootOn(target, `systemd-analyze security --no-pager ${unit}`)
    return Number(/Overall exposure level for .*: ([\d.]+) /.exec(answer)![1])
  }
})

function cookieOf(answer: string): string {
  return /^set-cookie: (.*?)\r?$/im.exec(answer)![1]!
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
