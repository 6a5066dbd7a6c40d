import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { ConnectionError, UserError } from '../../src/errors.ts'
import { releases } from '../../src/sandbox/index.ts'
import type { Machine } from '../../src/sandbox/index.ts'
import { openTarget } from '../../src/target/open-target.ts'
import type { OpenTarget } from '../../src/target/open-target.ts'
import type { ConnectionSettings } from '../../src/target/settings.ts'
import { attach, attachFile, sh } from '../../src/target/sh.ts'
import type { Script } from '../../src/target/sh.ts'
import { startDelayProxy } from '../bench/delay-proxy.ts'
import { machine, ssh } from './machine.ts'

for (const release of releases) {
  describe(`a session on ${release}`, () => {
    const host = machine({ release, name: `session-${release}` })
    const opened: OpenTarget[] = []

    afterEach(async () => {
      for (const target of opened.splice(0)) await target.close()
    })

    async function open(more: Partial<ConnectionSettings> = {}): Promise<OpenTarget> {
      const target = await openTarget({ ...settingsOf(host), ...more })
      opened.push(target)
      return target
    }

    async function refusal(more: Partial<ConnectionSettings>): Promise<ConnectionError> {
      const error: unknown = await open(more).then(
        () => expect.fail('it was opened'),
        (reason: unknown) => reason,
      )
      if (!(error instanceof ConnectionError)) throw error
      return error
    }

    async function asRoot(script: string): Promise<string> {
      const { code, stdout, stderr } = await ssh(host, script, { user: 'root' })
      if (code !== 0) throw new Error(`preparing the machine: ${stderr}`)
      return stdout
    }

    it('has one shell per user, each with the environment of that user', async () => {
      const target = await open({ become: root })
      const script = sh`printf '%s %s %s %s\n' "$(id -un)" "$HOME" "$(umask)" "$LC_ALL"; command -v sysctl`
      const outputs = ['deploy', 'root', 'nobody'].map(async (user) => stdoutOf(target, script, user))
      expect(await Promise.all(outputs)).to.deep.equal([
        'deploy /home/deploy 0022 C\n/usr/sbin/sysctl\n',
        'root /root 0022 C\n/usr/sbin/sysctl\n',
        'nobody /nonexistent 0022 C\n/usr/sbin/sysctl\n',
      ])
    })

    it('needs seven round trips to log in, two for another user, and one per batch', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'hostwright-session-'))
      const wire = await startDelayProxy({ host: host.address, port: host.port, delay: 25 })
      try {
        const knownHosts = readFileSync(host.knownHostsFile, 'utf8')
        writeFileSync(join(folder, 'known'), knownHosts.replaceAll(/^\S+/gm, `[127.0.0.1]:${wire.port}`))
        const target = await open({
          address: '127.0.0.1',
          port: wire.port,
          knownHostsFiles: [join(folder, 'known')],
        })
        expect(wire.roundTrips()).to.be.at.most(7)
        wire.mark()
        await stdoutOf(target, sh`true`, 'root')
        expect(wire.roundTrips()).to.be.at.most(3)
        for (const bytes of ['10', '4000', '30000']) {
          wire.mark()
          const script = sh`cat ${attach('data', 'x'.repeat(5000))}; head -c ${bytes} /dev/zero; echo error >&2`
          await target.run({ scripts: [script, sh`true`, script], timeLimit: 10, user: 'root' })
          expect(wire.roundTrips(), `with ${bytes} bytes`).to.equal(1)
        }
      } finally {
        await wire.close()
        rmSync(folder, { recursive: true })
      }
    })

    it('runs scripts for any number of users', async () => {
      const target = await open({ become: root })
      const users = ['root', 'daemon', 'bin', 'sys', 'games', 'man', 'lp', 'mail', 'news', 'www-data']
      const names = await Promise.all(users.map((user) => stdoutOf(target, sh`id -un`, user)))
      expect(names).to.deep.equal(users.map((user) => `${user}\n`))
    })

    it('works with one session if the host allows no more', async () => {
      await asRoot('echo "MaxSessions 1" >/etc/ssh/sshd_config.d/sessions.conf; systemctl reload ssh')
      try {
        const target = await open({ become: root })
        const users = ['root', 'deploy', 'nobody']
        const names = await Promise.all(users.map((user) => stdoutOf(target, sh`id -un`, user)))
        expect(names).to.deep.equal(users.map((user) => `${user}\n`))
      } finally {
        await asRoot('rm /etc/ssh/sshd_config.d/sessions.conf; systemctl reload ssh')
      }
    })

    it('shows neither scripts nor secrets in the process list and in the log of sudo', async () => {
      const target = await open({ become: root })
      const script = sh`
        : only-in-the-script
        grep -l '[o]nly-in-the-' /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | grep -v "/$$/" || true
        cat ${attach('secret', 'only-in-the-attachment')} >/dev/null
      `
      const leaks = (await stdoutOf(target, script, 'root')).split('\n').filter((line) => line !== '')
      expect(leaks).to.deep.equal([])
      const log = await asRoot(
        'journalctl --no-pager -q -t sudo | grep COMMAND= | sed "s/.*COMMAND=//" | sort -u',
      )
      expect(log.trim().split('\n')).to.have.length(1)
      expect(log).to.include('hostwright shell')
    })

    it('ends the scripts on the host, and leaves no file there, when the connection breaks', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'hostwright-session-'))
      const wire = await startDelayProxy({ host: host.address, port: host.port, delay: 0 })
      const knownHosts = readFileSync(host.knownHostsFile, 'utf8')
      writeFileSync(join(folder, 'known'), knownHosts.replaceAll(/^\S+/gm, `[127.0.0.1]:${wire.port}`))
      const knownHostsFiles = [join(folder, 'known')]
      const target = await open({ address: '127.0.0.1', port: wire.port, knownHostsFiles, become: root })
      const batch = target.run({ scripts: [sh`sleep 4242`], timeLimit: 100, user: 'root' })
      const failure = batch.catch((error: unknown) => error)
      await asRoot('until pgrep -f "^sleep 4242" >/dev/null; do sleep 0.1; done')
      wire.cut()
      expect(await failure)
        .to.be.instanceOf(ConnectionError)
        .and.have.property('problem', 'lost')
      const gone =
        'while pgrep -f "^sleep 4242" >/dev/null || ls -d /dev/shm/hostwright-* 2>/dev/null; do sleep 0.1; done'
      await asRoot(`timeout 20 sh -c '${gone}' >/dev/null`)
      await wire.close()
      rmSync(folder, { recursive: true })
    })

    describe('while it sends a file', () => {
      const arriving = 'until [ -s "$(echo /var/tmp/hostwright-*/*.artifact)" ]; do sleep 0.1; done'
      let folder: string
      let script: Script

      beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), 'hostwright-session-'))
        const artifact = join(folder, 'artifact')
        writeFileSync(artifact, '')
        // the transfer takes longer than the test, and needs no space on this machine
        truncateSync(artifact, 100e9)
        script = sh`cat ${attachFile('artifact', artifact)} >/root/never`
      })
      afterEach(() => {
        rmSync(folder, { recursive: true })
      })

      it('can be cancelled, leaves nothing behind and continues', async () => {
        const target = await open({ become: root })
        const controller = new AbortController()
        const batch = { scripts: [script], timeLimit: 100, user: 'root' }
        const failure = rejection(target.run(batch, controller.signal))
        await asRoot(arriving)
        controller.abort(new Error('enough'))
        expect(await failure).to.have.property('message', 'enough')
        expect(await stdoutOf(target, sh`find /var/tmp -name '*.artifact'; ls /root`, 'root')).to.equal('')
      })

      it('leaves nothing behind when the connection breaks', async () => {
        const wire = await startDelayProxy({ host: host.address, port: host.port, delay: 0 })
        const knownHosts = readFileSync(host.knownHostsFile, 'utf8')
        writeFileSync(join(folder, 'known'), knownHosts.replaceAll(/^\S+/gm, `[127.0.0.1]:${wire.port}`))
        const knownHostsFiles = [join(folder, 'known')]
        const target = await open({ address: '127.0.0.1', port: wire.port, knownHostsFiles, become: root })
        const failure = rejection(target.run({ scripts: [script], timeLimit: 100, user: 'root' }))
        await asRoot(arriving)
        wire.cut()
        expect(await failure)
          .to.be.instanceOf(ConnectionError)
          .and.have.property('problem', 'lost')
        const gone = 'while ls -d /var/tmp/hostwright-* /dev/shm/hostwright-* 2>/dev/null; do sleep 0.1; done'
        await asRoot(`timeout 20 sh -c '${gone}' >/dev/null; test ! -e /root/never`)
        await wire.close()
      })
    })

    it('reports what does not fit if the memory file system is full', async () => {
      await asRoot('mount -t tmpfs -o size=200k tmpfs /dev/shm')
      try {
        const target = await open({ become: root })
        const big = attach('big', Buffer.alloc(1_000_000))
        const script = sh`wc -c ${big}`
        const failure = await rejection(target.run({ scripts: [script], timeLimit: 10, user: 'root' }))
        expect(failure).not.to.be.instanceOf(ConnectionError)
        expect(String(failure)).to.include('no space left for the files of a task in /dev/shm')
        expect(await stdoutOf(target, sh`echo "$FILES"; cat ${attach('f', 'x')}`, 'root')).to.match(
          /^\/dev\/shm\/.*\nx$/,
        )

        await asRoot('head -c 1000000 /dev/zero >/dev/shm/full || true')
        expect(await stdoutOf(await open({ become: root }), sh`echo "$FILES"`, 'root')).to.match(/^\/run\//)
      } finally {
        await asRoot('umount -l /dev/shm')
      }
    })

    it('reports a full disk, leaves nothing there, and continues', async () => {
      await asRoot('mount -t tmpfs -o size=12m tmpfs /var/tmp')
      try {
        const target = await open({ become: root })
        const tooBig = attach('big', Buffer.alloc(20_000_000))
        const script = sh`wc -c ${tooBig}`
        const failure = await rejection(target.run({ scripts: [script], timeLimit: 10, user: 'root' }))
        expect(failure).to.be.instanceOf(UserError).and.not.to.be.instanceOf(ConnectionError)
        expect(String(failure)).to.include('no space left for the files of a task in /var/tmp')
        expect(await asRoot('find /var/tmp /dev/shm -type f -size +100k')).to.equal('')
        const fits = attach('big', Buffer.alloc(10_000_000))
        const places = sh`wc -c <${fits}; stat -c %a "$(dirname "$(readlink ${fits})")"`
        expect(await stdoutOf(target, places, 'root')).to.equal('10000000\n700\n')
        expect(await asRoot('find /var/tmp -type f')).to.equal('')
        await target.close()
        await asRoot(
          `timeout 20 sh -c 'while ls -d /var/tmp/hostwright-* 2>/dev/null; do sleep 0.1; done' >/dev/null`,
        )
      } finally {
        await asRoot('umount -l /var/tmp')
      }
    })

    it('works with /tmp without exec, a umask of 077 and a full disk', async () => {
      await asRoot('mount -t tmpfs -o noexec,size=4k tmpfs /tmp; head -c 9999 /dev/zero >/tmp/full || true')
      await asRoot('echo "umask 077" >>/etc/profile; sed -i "1i umask 077" /home/deploy/.bashrc')
      try {
        const target = await open({ become: root })
        for (const user of ['deploy', 'root'])
          expect(await stdoutOf(target, sh`umask; cat ${attach('f', 'x')}`, user)).to.equal('0022\nx')
      } finally {
        await asRoot('umount -l /tmp; sed -i 1d /home/deploy/.bashrc')
      }
    })

    it('survives a rekeying of the server during a large transfer', async () => {
      await asRoot('echo "RekeyLimit 1M" >/etc/ssh/sshd_config.d/rekey.conf; systemctl reload ssh')
      const target = await open()
      const content = Buffer.alloc(8_000_000, 'hostwright\n')
      const [outcome] = await target.run({ scripts: [sh`cat ${attach('big', content)}`], timeLimit: 60 })
      expect(outcome!.stdout === content.toString()).to.equal(true)
    })

    describe('through sudo', () => {
      const sudoers = (text: string) =>
        asRoot(`cat >/etc/sudoers.d/deploy <<'END'\n${text}\nEND\nchmod 440 /etc/sudoers.d/deploy`)
      let before: string

      beforeEach(async () => {
        before = await asRoot('cd /etc/sudoers.d && ls && cat deploy 2>/dev/null || cat *')
        await asRoot(
          'mkdir -p /root/sudoers && mv /etc/sudoers.d/[a-z]* /root/sudoers; echo deploy:letmein | chpasswd',
        )
        expect(before).to.include('NOPASSWD')
      })
      afterEach(async () => {
        await asRoot(
          'rm -f /etc/sudoers.d/deploy; mv /root/sudoers/* /etc/sudoers.d/; rm -rf /run/sudo/ts/deploy',
        )
      })

      it('reports a missing password, and sends a given one', async () => {
        await sudoers('deploy ALL=(ALL:ALL) ALL')
        const error = await refusal({ become: root })
        expect(error).to.deep.include({ problem: 'become' })
        expect(error.message).to.include('requires the password of deploy')
        const target = await open({ become: { ...root, password: 'letmein' } })
        expect(await stdoutOf(target, sh`id -un`, 'root')).to.equal('root\n')
        expect(await stdoutOf(target, sh`id -un`, 'nobody')).to.equal('nobody\n')
        expect((await refusal({ become: { ...root, password: 'wrong' } })).message).to.include(
          'did not accept the password of deploy',
        )
      })

      it('reports that the user is not allowed', async () => {
        const error = await refusal({ become: { ...root, password: 'letmein' } })
        expect(error.message).to.include('deploy cannot become root')
        await sudoers('deploy ALL=(ALL:ALL) NOPASSWD: /bin/true')
        expect((await refusal({ become: { ...root, password: 'letmein' } })).message).to.include(
          'cannot become',
        )
      })

      it('reports that a terminal is required', async () => {
        await sudoers('Defaults requiretty\ndeploy ALL=(ALL:ALL) NOPASSWD: ALL')
        expect((await refusal({ become: root })).message).to.include('requires a terminal')
      })

      it('reports an unknown user', async () => {
        await sudoers('deploy ALL=(ALL:ALL) NOPASSWD: ALL')
        expect((await refusal({ become: { ...root, user: 'ghost' } })).message).to.include(
          'user ghost does not exist',
        )
      })

      it('reports that sudo is missing', async () => {
        await asRoot('mv /usr/bin/sudo /usr/bin/no-sudo')
        try {
          expect((await refusal({ become: root })).message).to.include('sudo is not installed')
        } finally {
          await asRoot('mv /usr/bin/no-sudo /usr/bin/sudo')
        }
      })

      it('works with use_pty and with logs of input and output', async () => {
        await sudoers('Defaults use_pty,log_input,log_output\ndeploy ALL=(ALL:ALL) NOPASSWD: ALL')
        const target = await open({ become: root })
        const content = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 256))
        const script = sh`od -An -v -tx1 ${attach('f', content)} | tr -d ' \n'`
        expect(await stdoutOf(target, script, 'root')).to.equal(content.toString('hex'))
      })
    })

    describe('for users with other login shells', () => {
      const shells = {
        fish: '/usr/bin/fish',
        csh: '/bin/csh',
        mksh: '/bin/mksh',
        busybox: '/usr/local/bin/ash',
      }

      before(async function () {
        this.timeout(180_000)
        await asRoot(
          `apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends -y fish csh mksh busybox >/dev/null 2>&1
          ln -s /bin/busybox /usr/local/bin/ash
          for entry in ${Object.entries(shells)
            .map((entry) => entry.join('='))
            .join(' ')} none=/usr/sbin/nologin; do
            useradd -m -s "\${entry#*=}" "\${entry%%=*}"
            mkdir "/home/\${entry%%=*}/.ssh"
            cp /home/deploy/.ssh/authorized_keys "/home/\${entry%%=*}/.ssh"
            chown -R "\${entry%%=*}:" "/home/\${entry%%=*}/.ssh"
            echo "\${entry%%=*} ALL=(ALL:ALL) NOPASSWD: ALL" >>/etc/sudoers.d/shells
          done`,
        )
      })

      for (const user of Object.keys(shells)) {
        it(`runs scripts for ${user}`, async () => {
          const target = await open({ user, become: root })
          const script = sh`id -un; printf '%s\n' ${'!$HOME `x` "\' \\ \n%'}`
          for (const name of [user, 'root'])
            expect(await stdoutOf(target, script, name)).to.equal(`${name}\n!$HOME \`x\` "' \\ \n%\n`)
        })
      }

      it('ignores the output of login scripts', async () => {
        await asRoot(`sed -i '1i echo noise; echo noise >&2; printf "hostwright-"' /home/deploy/.bashrc
          mkdir -p /home/fish/.config/fish; echo 'echo noise' >/home/fish/.config/fish/config.fish
          echo 'echo noise' >/home/csh/.cshrc; echo "Welcome" >/etc/motd`)
        for (const user of ['deploy', 'fish', 'csh']) {
          const target = await open({ user, become: root })
          expect(await stdoutOf(target, sh`echo mine`, 'root')).to.equal('mine\n')
        }
        await asRoot('sed -i 1d /home/deploy/.bashrc')
      })

      it('reports a shell that runs no commands', async () => {
        const error = await refusal({ user: 'none' })
        expect(error.message).to.match(/login shell of none exited with code 1.*not available/s)
      })
    })
  })
}

const root = { user: 'root', method: 'sudo' } as const

function settingsOf(host: Machine): ConnectionSettings {
  return {
    name: host.name,
    connection: 'ssh',
    address: host.address,
    port: host.port,
    user: host.user,
    privateKeyFiles: [host.privateKeyFile],
    knownHostsFiles: [host.knownHostsFile],
  }
}

async function stdoutOf(target: OpenTarget, script: Script, user: string): Promise<string> {
  const [outcome] = await target.run({ scripts: [script], timeLimit: 30, user })
  if (outcome!.code !== 0) throw new Error(`code ${outcome!.code}: ${outcome!.stderr}`)
  return outcome!.stdout
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('it did not reject'),
    (error: unknown) => error,
  )
}
