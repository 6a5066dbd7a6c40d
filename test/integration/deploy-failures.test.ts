import { expect } from 'chai'

import { removeSnapshot, snapshot, up } from '../../src/sandbox/index.ts'
import { sh } from '../../src/target/sh.ts'
import { startLoad, type Load } from '../load/load.ts'
import { reportText } from '../load/report-text.ts'
import { convergedSite } from './converged-site.ts'
import { DeployedSite, type Variables } from './deployed-site.ts'
import { machine, ssh, testName } from './machine.ts'
import { look, untidiness, type Sight } from './sight.ts'
import { fetchFrom } from './site.ts'

const nobodySawIt = /^ {6}visitors never saw \S+-\w{7}; \S+-\w{7} is still live$/m

describe('a failing deploy', () => {
  const target = machine({ name: 'failures', from: () => convergedSite('bookworm') })
  let site: DeployedSite
  let load: Load

  before('deployed twice, and visited', async () => {
    site = await DeployedSite.open(target)
    expect((await site.deploy('v2')).code).to.equal(0)
    load = await startLoad({
      ...{ address: target.address, host: 'www.foobar.com', live: site.liveRelease('v2') },
      crowd: { arrivals: 10 },
    })
  })
  after(async () => {
    await load.stop()
    await site.close()
  })

  /** Deploys a version that fails: visitors must see no change. Returns the text output. */
  async function fail(version: string, variables: Variables = {}): Promise<string> {
    const before = await site.look()
    const { code, stdout } = await site.read(['deploy', '--tag', version], { deploy_keep: 2, ...variables })
    const { current, pid, running, isLocked, folders } = await site.look()
    expect(code, stdout).to.equal(1)
    expect({ current, pid, running, isLocked }, stdout).to.deep.equal({
      ...{ current: before.current, pid: before.pid, running: before.running, isLocked: false },
    })
    expect(folders.filter((folder) => folder.endsWith('.partial'))).to.deep.equal([])
    return stdout
  }

  /** Puts releases on a separate disk with this much free space, in kilobytes, while an action runs. */
  async function onSmallDisk<Result>(kilobytes: number, work: () => Promise<Result>): Promise<Result> {
    await site.root(sh`
        mkdir -p /run/small-disk
        mount -t tmpfs tmpfs /run/small-disk
        cp -a /srv/foobar/releases/. /run/small-disk
        used=$(df -k --output=used /run/small-disk | tail -n 1)
        room=${kilobytes}
        # the kernel refuses to remount one with another size: the machine has users of its own
        umount /run/small-disk
        mount -t tmpfs -o mode=755,size=$((used + room))k tmpfs /run/small-disk
        cp -a /srv/foobar/releases/. /run/small-disk
        mount --make-private /run
        mount --move /run/small-disk /srv/foobar/releases
      `)
    try {
      return await work()
    } finally {
      await site.root(sh`umount --lazy /srv/foobar/releases`)
    }
  }

  it('shows the unexpected answer of the health page', async () => {
    await site.release('v3', { health: 'wrong body' })
    const said = await fail('v3')
    expect(said).to.match(
      /\/health: the response does not contain '"database":"ok"'\n {6}the last response:\n {6}It works!\n/,
    )
    expect(said)
      .to.match(/^ {6}Probe the candidate: .+ does not contain/m)
      .and.match(nobodySawIt)
  })

  it('shows the new lines of the log, and no older ones', async () => {
    await site.root(sh`
        log=/srv/foobar/shared/log/php.log
        echo 'an error of yesterday' >>$log
        chown foobar: $log
      `)
    await site.release('v4', { health: 'fatal' })
    const said = await fail('v4')
    expect(said).to.match(/\/health: status 500, not 200\n/)
    expect(said).to.match(
      /the last lines of \S+\/php\.log:\n {6}\[.+ PHP Fatal error: {2}Uncaught Error: Call to undefined function no_such_function\(\)/,
    )
    expect(said).not.to.include('yesterday')
    expect(said).to.match(nobodySawIt)
  })

  it('names the line of a syntax error in PHP', async () => {
    await site.release('v5', { syntaxError: true })
    const said = await fail('v5')
    expect(said).to.match(/PHP Parse error: .+-\w{7}\/src\/pages\/home\.php on line 2\n/)
    expect(said).to.match(nobodySawIt)
  })

  it('shows the output of the migration', async () => {
    await site.release('v6', { migration: 'fails' })
    const said = await fail('v6')
    expect(said).to.match(/exit code: 1\n {6}stderr: 999-broken: .*no_such_table' doesn't exist\n/)
    expect(said).to.match(
      /^ {6}Run the database migration: exited with code 1: 999-broken: .*no_such_table' doesn't exist$/m,
    )
    expect(said).to.match(nobodySawIt)
  })

  it('reports too little disk space before it starts', async () => {
    const said = await onSmallDisk(20, () => fail('v1'))
    expect(said).to.match(
      /^ {6}not enough disk space in \/srv\/foobar\/releases, at least 100 MB are needed: tmpfs /m,
    )
    expect(said).not.to.include('PLAY Build')
  })

  it('reports a full disk, and leaves nothing on it', async () => {
    const said = await onSmallDisk(20, () => fail('v1', { deploy_minimum_space: 0 }))
    expect(said)
      .to.match(
        /^ {6}no space left for the release in \/srv\/foobar\/releases: tar: .*No space left on device\n.*df\b/m,
      )
      .and.match(nobodySawIt)
  })

  it('reports an invalid PHP-FPM configuration of the free slot before it starts', async () => {
    const { slot } = await site.look()
    const settings = `/etc/php/8.2/fpm/slots/foobar-${slot === 'blue' ? 'green' : 'blue'}.conf`
    await site.root(sh`cp ${settings} /root/settings; echo nonsense = 1 >>${settings}`)
    try {
      const said = await fail('v1')
      expect(said).to.match(/ERROR: \[\S+\/foobar-\w+\.conf:\d+\] unknown entry 'nonsense'/)
      expect(said).not.to.include('PLAY Build')
    } finally {
      await site.root(sh`mv /root/settings ${settings}`)
    }
  })

  it('names the missing shared file', async () => {
    const said = await fail('v1', { deploy_shared_files: ['config/license.key'] })
    expect(said).to.match(
      /^ {6}missing shared files, create them first in \/srv\/foobar\/shared: config\/license\.key$/m,
    )
  })

  it('is refused if its tag was moved since the last deploy', async () => {
    await site.release('v7')
    const commit = (await site.application.git('rev-parse', 'v2')).trim()
    await site.application.git('tag', '--force', 'v2', 'v7')
    const said = await fail('v2')
    await site.application.git('tag', '--force', 'v2', commit)
    expect(said).to.match(/^ {6}v2 was deployed as \w{40} but now points to \w{40}: the tag was moved/m)
    expect(said).not.to.include('PLAY Build')
  })

  it('keeps the good releases, even after five failures: a rollback finds the previous one', async () => {
    await fail('v3')
    const { stdout } = await site.read(['releases'])
    expect(stdout)
      .to.match(/ v2 .+ <- current$/m)
      .and.match(/ v1 .+ retired$/m)
    await load.allow(site.liveRelease('v1'))
    const back = await site.run(['rollback'])
    await load.settle()
    expect(back.code, back.stderr).to.equal(0)
    // both are kept for inspection
    expect(untidiness(await site.look()).join()).to.match(/^\S+ is bad,\S+ is failed$/)

    await load.allow(site.liveRelease('v7'))
    const good = await site.deploy('v7')
    await load.settle()
    expect(good.code, good.stderr).to.equal(0)
    expect(untidiness(await site.look())).to.deep.equal([])
  })

  it('does nothing if the commit is already live', async () => {
    const before = await site.look()
    const { code, tasks } = await site.deploy('v7')
    expect(code).to.equal(0)
    expect(tasks.filter(({ changed }) => changed).map(({ task }) => task)).to.deep.equal([
      'Acquire the deploy lock',
    ])
    expect(tasks.map(({ msg }) => msg).join('\n')).to.match(
      /^v7 \(\w{10}\) is already live as \S+: nothing to do$/m,
    )
    expect(await site.look()).to.deep.equal(before)
  })

  it('affects no visitor', async () => {
    const report = await load.stop()
    expect(report.total.failed, reportText(report)).to.equal(0)
    expect(report.ended).to.equal('when told')
  })

  describe('and maintenance', () => {
    const closed = /^HTTP\S+ 503 [^]*^Retry-After: 120\r$[^]*www\.foobar\.com is being worked on/m

    /** Requests a page from an allowed address. */
    function fromInside(path: string): Promise<string> {
      return site.root(sh`curl -sS --include -H 'Host: www.foobar.com' ${`http://127.0.0.1${path}`}`)
    }

    before('on', async () => {
      expect((await site.run(['maintenance', 'on'])).code).to.equal(0)
    })

    it('shows visitors the maintenance page, but not allowed addresses and the health check', async () => {
      expect(await fetchFrom(target)).to.match(closed)
      expect(await fetchFrom(target, '/version.txt')).to.match(closed)
      expect(await fetchFrom(target, '/health')).to.match(/^HTTP\S+ 200 /)
      expect(await fromInside('/'))
        .to.match(/^HTTP\S+ 200 /)
        .and.include('version=v7;')
    })

    it('allows deploys', async () => {
      expect((await site.deploy('v1')).code).to.equal(0)
      expect(await fetchFrom(target)).to.match(closed)
      expect(await fromInside('/')).to.include('version=v1;')
    })

    it('works without PHP-FPM, and ends', async () => {
      const { slot } = await site.look()
      await site.root(sh`systemctl stop ${`foobar-php@${slot}`}`)
      expect(await fetchFrom(target)).to.match(closed)
      await site.root(sh`systemctl start ${`foobar-php@${slot}`}`)
      expect((await site.run(['maintenance', 'off'])).code).to.equal(0)
      expect(await fetchFrom(target))
        .to.match(/^HTTP\S+ 200 /)
        .and.include('version=v1;')
    })
  })
})

describe('a machine that is deployed to', () => {
  const rebooting = testName('rebooting')
  const target = machine({ name: 'rebooted', from: () => convergedSite('bookworm') })
  after(() => removeSnapshot(rebooting))

  it('starts the slot of the live release after a reboot', async () => {
    const site = await DeployedSite.open(target)
    await site.close()
    const before = await lookAround()
    expect(before.slot).to.equal('green')
    await snapshot(target.name, rebooting)
    Object.assign(target, await up(target.name, { from: rebooting }))
    expect(await fetchFrom(target))
      .to.match(/^HTTP\S+ 200 /)
      .and.include('version=v1;')
    const { pid, ...after } = await lookAround()
    expect(pid).to.be.above(0)
    expect({ ...after, pid: before.pid }).to.deep.equal(before)
  })

  function lookAround(): Promise<Sight> {
    return look(async ({ text }) => (await ssh(target, text, { user: 'root' })).stdout)
  }
})
