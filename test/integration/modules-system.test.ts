import { expect } from 'chai'

import { TaskFailure } from '../../src/errors.ts'
import { apt } from '../../src/modules/apt.ts'
import { aptRepository } from '../../src/modules/apt_repository.ts'
import { cron } from '../../src/modules/cron.ts'
import type { AnyModule } from '../../src/modules/definition/module.ts'
import { group } from '../../src/modules/group.ts'
import { hostname } from '../../src/modules/hostname.ts'
import { packageModule } from '../../src/modules/package.ts'
import { service } from '../../src/modules/service.ts'
import { sysctl } from '../../src/modules/sysctl.ts'
import { systemd } from '../../src/modules/systemd.ts'
import { timezone } from '../../src/modules/timezone.ts'
import { user } from '../../src/modules/user.ts'
import { facts } from '../../src/state/facts.ts'
import type { OpenTarget } from '../../src/target/open-target.ts'
import type { ConvergedModule } from '../engine/converge-module.ts'
import { askOn, convergeOn, planOn, rootOn, runOn } from './converge-on.ts'
import { machine } from './machine.ts'

for (const release of ['bookworm', 'trixie'] as const) {
  describe(`modules of the system on ${release}`, () => {
    let host: OpenTarget
    after('the session ends', () => host.close())
    const rented = machine({ release, name: `system-${release}` })
    before('a session begins', async () => {
      host = await rootOn(rented)
    })

    /** Converges, and checks that a second run changes nothing. */
    async function converge(module: AnyModule, params: object): Promise<ConvergedModule> {
      const done = await convergeOn(host, module, params)
      expect(done.outputs.filter(({ code }) => code !== 0)).to.deep.equal([])
      expect(done.convergence.type).to.equal('done')
      const again = await planOn(host, module, params)
      expect(again.changes.filter((change) => change.transient !== true)).to.deep.equal([])
      return done
    }

    async function failureOf(attempt: Promise<unknown>): Promise<TaskFailure> {
      const error: unknown = await attempt.then(
        () => undefined,
        (reason: unknown) => reason,
      )
      if (error instanceof TaskFailure) return error
      throw new Error('it did not fail as a task', { cause: error })
    }

    async function stdout(script: string): Promise<string> {
      const done = await runOn(host, { text: script, attachments: new Map() })
      expect(done.stderr).to.equal('')
      return done.stdout.trim()
    }

    it('gathers facts with the names of Ansible', async () => {
      const [found] = (await askOn(host, [facts.key({})])) as [Record<string, unknown>]
      expect(found).to.include({
        distribution: 'Debian',
        distribution_release: release,
        distribution_major_version: release === 'bookworm' ? '12' : '13',
        os_family: 'Debian',
        pkg_mgr: 'apt',
        service_mgr: 'systemd',
        user_id: 'root',
      })
      expect(found['default_ipv4']).to.include({ address: rented.address })
    })

    describe('packages', () => {
      it('are installed on a machine that has never fetched a list', async () => {
        const done = await converge(apt, { name: ['cron', 'sl', 'awk'], install_recommends: false })
        expect(done.changes.map(({ field }) => field)).to.deep.equal(['cron', 'sl'])
      })

      it('are named before any change if no repository has them', async () => {
        const done = await convergeOn(host, apt, { name: ['sl', 'nosuch-package', 'no-such-other'] })
        expect(done.outputs.at(-1)?.stderr).to.contain('no package named nosuch-package no-such-other')
        const latest = await failureOf(planOn(host, apt, { name: 'nosuch-package', state: 'latest' }))
        expect(latest.message).to.equal('no package named nosuch-package')
      })

      it('are looked up in lists that are fetched only if they are too old', async () => {
        expect((await converge(apt, { update_cache: true })).changes).to.have.length(1)
        expect((await converge(apt, { cache_valid_time: 3600 })).changes).to.deep.equal([])
        await stdout('touch -d "2 hours ago" /var/lib/apt/lists')
        expect((await converge(apt, { cache_valid_time: 3600 })).changes).to.have.length(1)
      })

      it('are removed with their configuration', async () => {
        await converge(packageModule, { name: 'sl', state: 'absent' })
        await converge(apt, { name: 'cron', state: 'absent' })
        expect((await converge(apt, { name: 'cron', state: 'absent', purge: true })).changes).to.have.length(
          1,
        )
        await converge(apt, { name: ['cron', 'sl'], state: 'latest', install_recommends: false })
      })

      it('are neither removed nor upgraded if they are held', async () => {
        await stdout('apt-mark hold sl >/dev/null')
        const failure = await failureOf(planOn(host, apt, { name: 'sl', state: 'absent' }))
        expect(failure.message).to.match(/^sl is held at /)
        await converge(apt, { name: 'sl', state: 'absent', allow_change_held_packages: true })
      })

      /** Starts a process that holds a lock like apt, until it is killed or the time is over; prints its process ID. */
      async function lockedBy(file: string, seconds: number): Promise<string> {
        const program = `open F, ">", shift or die; $l = pack("ssl!l!ii", 1, 0, 0, 0, 0, 0); fcntl(F, 6, $l) or die; $| = 1; print "$$\\n"; sleep shift`
        return stdout(
          `mkfifo /tmp/said; setsid perl -e '${program}' ${file} ${seconds} >/tmp/said 2>/dev/null </dev/null & head -n 1 /tmp/said; rm /tmp/said`,
        )
      }

      it('wait for a lock, and name its holder if it is not released', async () => {
        await converge(apt, { name: 'sl', state: 'absent', allow_change_held_packages: true })
        const holder = await lockedBy('/var/lib/dpkg/lock-frontend', 60)
        const refused = await convergeOn(host, apt, { name: 'sl', lock_timeout: 1 })
        expect(refused.outputs.at(-1)?.stderr).to.match(
          new RegExp(`lock-frontend is held by process ${holder} \\(perl`),
        )
        await stdout(`kill ${holder}`)
        await converge(apt, { name: 'sl', lock_timeout: 1 })
      })

      it('wait for the lock of the lists too', async () => {
        const holder = await lockedBy('/var/lib/apt/lists/lock', 60)
        const refused = await convergeOn(host, apt, { update_cache: true, lock_timeout: 0 })
        expect(refused.outputs.at(-1)?.stderr).to.contain(
          `lists/lock is still held by process ${holder} (perl`,
        )
        await stdout(`kill ${holder}`)
        await lockedBy('/var/lib/apt/lists/lock', 2)
        await converge(apt, { update_cache: true })
      })

      it('are installed completely by the next run after a kill', async () => {
        await stdout(
          `mkdir -p /tmp/broken/DEBIAN
           printf 'Package: broken\\nVersion: 1\\nArchitecture: all\\nMaintainer: a <a@b.c>\\nDescription: x\\n' >/tmp/broken/DEBIAN/control
           printf '#!/bin/sh\\n[ -e /tmp/mended ] || { kill -9 $PPID; sleep 5; }\\n' >/tmp/broken/DEBIAN/postinst
           chmod 755 /tmp/broken/DEBIAN/postinst
           dpkg-deb --build /tmp/broken /tmp/broken.deb >/dev/null`,
        )
        const killed = await convergeOn(host, apt, { deb: '/tmp/broken.deb' })
        expect(killed.outputs.at(-1)?.code).not.to.equal(0)
        await stdout('touch /tmp/mended')
        const finished = await converge(apt, { name: 'broken' })
        expect(finished.changes.map(({ field }) => field)).to.include('installation')
        expect(finished.outputs[0]?.stdout).to.contain('Finishing an interrupted installation')
        expect(await stdout(`dpkg-query -W -f='\${db:Status-Abbrev}' broken`)).to.equal('ii')
      })

      it('do not start their services if policy_rc_d forbids it', async () => {
        await stdout('printf "#!/bin/sh\\nexit 0\\n" >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d')
        await converge(apt, { name: 'nginx-light', policy_rc_d: 101 })
        expect(await stdout('systemctl is-active nginx || :; cat /usr/sbin/policy-rc.d')).to.equal(
          'inactive\n#!/bin/sh\nexit 0',
        )
        await stdout('rm /usr/sbin/policy-rc.d')
      })

      it('come from a repository that is added with its lists or not added', async () => {
        // the mirror of the machine's own packages
        const asked = `apt-get indextargets --no-release-info --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1`
        const mirror = await stdout(asked)
        const repo = `deb ${mirror} bookworm-proposed-updates main`
        expect((await converge(aptRepository, { repo, filename: 'proposed' })).changes).to.have.length(1)
        const wrong = await convergeOn(host, aptRepository, {
          repo: `deb ${mirror} nope main`,
        })
        expect(wrong.outputs.at(-1)?.stderr).to.contain('Failed to update the package lists')
        expect(await stdout('ls -A /etc/apt/sources.list.d | grep -v debian.sources || :')).to.equal(
          'proposed.list',
        )
        await converge(aptRepository, { repo, state: 'absent' })
      })
    })

    describe('services', () => {
      it('are started, enabled, stopped, disabled and masked', async () => {
        await converge(service, { name: 'nginx', state: 'started', enabled: true })
        await converge(systemd, { name: 'nginx.service', state: 'stopped', enabled: false, masked: true })
        const failure = await failureOf(planOn(host, service, { name: 'nginx', state: 'started' }))
        expect(failure.message).to.contain('is masked')
        await converge(systemd, { name: 'nginx', state: 'started', enabled: true, masked: false })
        expect(await stdout('systemctl is-active nginx; systemctl is-enabled nginx')).to.equal(
          'active\nenabled',
        )
      })

      it('are restarted every time, and started by a reload if they are stopped', async () => {
        const process = 'systemctl show -p MainPID --value nginx'
        const before = await stdout(process)
        expect((await converge(service, { name: 'nginx', state: 'restarted' })).changes).to.have.length(1)
        expect(await stdout(process)).not.to.equal(before)
        const restarted = await stdout(process)
        await converge(service, { name: 'nginx', state: 'reloaded' })
        expect(await stdout(process)).to.equal(restarted)
        await converge(service, { name: 'nginx', state: 'stopped' })
        await converge(service, { name: 'nginx', state: 'reloaded' })
        expect(await stdout('systemctl is-active nginx')).to.equal('active')
      })

      it('fail with the nearest names if they do not exist', async () => {
        const failure = await failureOf(planOn(host, service, { name: 'nginxx', state: 'started' }))
        expect(failure.message).to.equal('Could not find the requested service nginxx')
        expect(failure.hint).to.contain('nginx')
      })

      it('fail with their journal if they stop right after the start', async () => {
        const unit =
          '[Service]\\nExecStart=/bin/sh -c "echo the disk is gone; sleep 0.2; exit 3"\\nRestart=always\\n'
        await stdout(`printf '${unit}' >/etc/systemd/system/dying.service`)
        const done = await convergeOn(host, systemd, {
          name: 'dying',
          state: 'started',
          daemon_reload: true,
        })
        expect(done.outputs.at(-1)?.code).to.equal(1)
        expect(done.outputs.at(-1)?.stderr).to.match(
          /the disk is gone[^]*dying\.service (did not stay up|died right after it was started)/,
        )
        await converge(systemd, { name: 'dying', state: 'stopped' })
      })

      it('are restarted with their changed definition', async () => {
        await stdout(`printf '[Service]\\nExecStart=/bin/sleep 1000\\n' >/etc/systemd/system/quiet.service`)
        await converge(service, { name: 'quiet', state: 'started' })
        await stdout(`printf '[Service]\\nExecStart=/bin/sleep 2000\\n' >/etc/systemd/system/quiet.service`)
        await converge(service, { name: 'quiet', state: 'restarted' })
        expect(await stdout('pgrep -x -a sleep')).to.contain('/bin/sleep 2000')
        await stdout(`printf '[Service]\\nExecStart=/bin/sleep 3000\\n' >/etc/systemd/system/quiet.service`)
        expect((await converge(systemd, { daemon_reload: true })).changes).to.have.length(1)
      })
    })

    describe('accounts', () => {
      const secret = '$6$saltsalt$neverinaprocesslist'

      it('are created, changed and removed', async () => {
        await converge(group, { name: 'web', gid: 1500 })
        await converge(group, { name: 'web', gid: 1501 })
        const wanted = {
          name: 'app',
          groups: ['web', 'adm'],
          comment: 'Größe "x" $(id)',
          shell: '/bin/bash',
          password: secret,
        }
        await converge(user, wanted)
        expect(await stdout('id -nG app; getent shadow app | cut -d: -f2')).to.equal(`app adm web\n${secret}`)
        await converge(user, {
          name: 'app',
          groups: 'web',
          uid: 1700,
          home: '/srv/app',
          expires: 1893456000,
        })
        await converge(user, { name: 'app', password_lock: true })
        expect((await converge(user, { name: 'app', password: secret })).changes).to.deep.equal([])
        await converge(user, { name: 'app', password: '*' })
        expect(await stdout('getent shadow app | cut -d: -f2')).to.equal('!*')
        await converge(user, { name: 'app', state: 'absent', remove: true })
      })

      it('get the group of their name if it exists', async () => {
        await converge(group, { name: 'taken' })
        await converge(user, { name: 'taken', create_home: false })
        expect(await stdout('id -gn taken; [ -d /home/taken ] || echo homeless')).to.equal('taken\nhomeless')
      })

      it('are refused if their group does not exist', async () => {
        const failure = await failureOf(
          planOn(host, user, { name: 'x', groups: ['adm', 'nogroupofthisname'] }),
        )
        expect(failure.message).to.equal('there is no group nogroupofthisname for the user x')
      })
    })

    describe('the rest', () => {
      it('manages cron jobs by their names, alongside other jobs', async () => {
        await stdout('printf "# mine\\n0 1 * * * /bin/true\\n" | crontab -u www-data -')
        const job = `/bin/echo "it's" '$(date)' % é`
        await converge(cron, { name: 'nightly', user: 'www-data', hour: 3, minute: '0', job })
        await converge(cron, { name: 'nightly', user: 'www-data', special_time: 'daily', job })
        await converge(cron, { name: 'MAILTO', user: 'www-data', env: true, job: 'root@example.com' })
        expect(await stdout('crontab -l -u www-data')).to.equal(
          `MAILTO="root@example.com"\n# mine\n0 1 * * * /bin/true\n#Ansible: nightly\n@daily ${job}`,
        )
        await converge(cron, { name: 'nightly', user: 'www-data', state: 'absent' })
        await converge(cron, { name: 'sweep', cron_file: 'sweep', user: 'root', minute: '*/5', job })
        expect(
          await stdout('stat -c %a /etc/cron.d/sweep; cat /etc/cron.d/sweep; ls -A /etc/cron.d'),
        ).to.contain(`644\n#Ansible: sweep\n*/5 * * * * root ${job}`)
      })

      it('sets the hostname', async () => {
        await converge(hostname, { name: 'web-1.example.com' })
        expect(await stdout('uname -n; cat /etc/hostname; hostnamectl --static hostname')).to.equal(
          Array(3).fill('web-1.example.com').join('\n'),
        )
      })

      it('sets the time zone', async () => {
        await converge(apt, { name: 'tzdata' })
        await converge(timezone, { name: 'Asia/Kathmandu' })
        expect(await stdout('date +%z')).to.equal('+0545')
        const failure = await failureOf(planOn(host, timezone, { name: 'Europe/Viena' }))
        expect(failure.message).to.equal('there is no time zone Europe/Viena on the host')
      })

      it('sets kernel parameters with any spacing, and reports those that it cannot set', async () => {
        await converge(sysctl, { name: 'net.ipv4.tcp_rmem', value: '4096 131072   6291457' })
        await converge(sysctl, { name: 'net.ipv4.tcp_rmem', value: '4096 131072 6291458' })
        expect(await stdout('cat /proc/sys/net/ipv4/tcp_rmem /etc/sysctl.d/99-hostwright.conf')).to.equal(
          '4096\t131072\t6291458\nnet.ipv4.tcp_rmem = 4096 131072 6291458',
        )
        const failure = await failureOf(planOn(host, sysctl, { name: 'vm.swappiness', value: 11 }))
        expect(failure.message).to.contain('it is read-only')
        await converge(sysctl, { name: 'vm.swappiness', value: 11, ignoreerrors: true })
        await converge(sysctl, { name: 'net.ipv4.tcp_rmem', state: 'absent' })
        expect(await stdout('cat /etc/sysctl.d/99-hostwright.conf')).to.equal('vm.swappiness = 11')
      })
    })
  })
}
