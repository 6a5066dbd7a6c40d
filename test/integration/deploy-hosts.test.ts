import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import type { Machine } from '../../src/sandbox/index.ts'
import { Application } from './application.ts'
import { failuresOf, type JsonRun } from './command.ts'
import { convergedSite, siteSecrets } from './converged-site.ts'
import { whileCutOff } from './cut-off.ts'
import { Deploys, variables } from './deploys.ts'
import { machine, rootOn } from './machine.ts'
import { fetchFrom, siteHost } from './site.ts'

const names = ['web1', 'web2', 'web3'] as const
const oneByOne = variables({ deploy_serial: [1, 1, 1] })
/** A file that a task with run_once leaves on its host. */
const migrated = '/tmp/migrated'
const unlucky = '/srv/foobar/shared/log/unlucky'

describe('deploys to three hosts', () => {
  const machines = names.map((name) => machine({ name, from: () => convergedSite('bookworm') }))
  const [web1, web2, web3] = machines as [Machine, Machine, Machine]
  let folder: string
  let application: Application
  let deploys: Deploys

  before('an inventory', async () => {
    folder = await mkdtemp(join(tmpdir(), 'hostwright-inventory-'))
    const inventory = join(folder, 'hosts.yml')
    await writeFile(inventory, JSON.stringify(inventoryOf(machines)))
    application = await Application.create()
    deploys = await Deploys.create(application, ['-i', inventory])
  })
  after(async () => {
    await rm(folder, { recursive: true })
    await application.remove()
    await deploys.remove()
  })

  it('create one release on all hosts, on the first host before the others, under one lock', async () => {
    await application.release('v1')
    const deploy = deploys.start('deploy', '--tag', 'v1')
    await deploy.until('Record the release as live', 'web1')
    const locks = await Promise.all(machines.map((host) => rootOn(host, 'cat /srv/foobar/deploy/lock')))
    for (const lock of locks) expect(lock).to.include('"purpose":"deploy v1"')
    const run = await deploy.run
    expect(failuresOf(run)).to.deep.equal([])

    const [release] = await liveReleases()
    expect(await liveReleases()).to.deep.equal([release, release, release])
    expect(await versions()).to.deep.equal(['v1', 'v1', 'v1'])
    expect(hostsOf(run, 'Acquire the deploy lock')).to.deep.equal(['web1', 'web2', 'web3'])
    expect(indexOf(run, 'Record the release as live', 'web1')).to.be.below(
      indexOf(run, 'Upload the release', 'web2'),
    )
    expect(await migrations()).to.deep.equal([`${release}\n`, '', ''])
    for (const state of await states()) expect(state).not.to.include('locked')
  })

  it('change no other host if the release fails on the first one', async () => {
    const before = await states()
    await application.release('v2', { health: 'fatal' })
    const run = await deploys.deploy('v2')
    expect(failuresOf(run).join('\n')).to.include('/health: status 500')
    expect(run.code).to.equal(1)
    expect((await states()).slice(1)).to.deep.equal(before.slice(1))
    expect(await versions()).to.deep.equal(['v1', 'v1', 'v1'])
  })

  it('change no host if one is unreachable', async () => {
    const before = await states()
    await application.release('v3', { health: 'fatal when live and unlucky' })
    const run = await whileCutOff(web3, () => deploys.deploy('v3'))
    expect(run.code).to.equal(4)
    expect(await states()).to.deep.equal(before)
  })

  it('roll back a host on which the release fails, and stop there', async () => {
    const before = await states()
    await rootOn(web2, `touch ${unlucky}`)
    const run = await deploys.deploy('v3', ...oneByOne)
    expect(run.code).to.equal(3)
    expect(await versions()).to.deep.equal(['v3', 'v1', 'v1'])
    expect((await states())[2]).to.equal(before[2])
  })

  it('are completed by the next deploy, which skips finished hosts', async () => {
    await rootOn(web2, `rm ${unlucky}`)
    const [release] = await liveReleases()
    const sha = (await application.git('rev-parse', '--short=10', 'v3')).trim()
    const before = await states()
    const run = await deploys.deploy('v3')
    expect(failuresOf(run)).to.deep.equal([])
    expect(messagesOf(run, 'Skip this host because the release is already live')).to.deep.equal({
      web1: `v3 (${sha}) is already live as ${release}: nothing to do`,
    })
    expect(await liveReleases()).to.deep.equal([release, release, release])
    expect((await states())[0]).to.equal(before[0])
    expect((await migrations()).join('').split(release!)).to.have.length(2)
  })

  it('roll back all hosts with --on-failure revert-all', async () => {
    const before = await states()
    const releases = await liveReleases()
    await application.release('v4', { health: 'fatal when live and unlucky' })
    await rootOn(web2, `touch ${unlucky}`)
    const run = await deploys.deploy('v4', ...oneByOne, '--on-failure', 'revert-all')
    await rootOn(web2, `rm ${unlucky}`)
    expect(run.code).to.equal(3)
    expect(await liveReleases()).to.deep.equal(releases)
    expect((await states())[2]).to.equal(before[2])
  })

  it('stop if a host becomes unreachable, and keep the release on the others', async () => {
    const before = await states()
    await application.release('v5')
    const deploy = deploys.start('deploy', '--tag', 'v5', ...oneByOne)
    await deploy.until('Record the release as live', 'web1')
    const run = await whileCutOff(web2, () => deploy.run)
    expect(run.code).to.equal(4)
    expect(await versions()).to.deep.equal(['v5', 'v3', 'v3'])
    expect((await states())[2]).to.equal(before[2])

    // the lock on the unreachable host could not be released
    const patience = variables({ deploy_lock_heartbeat: 1, deploy_lock_stale_after: 3 })
    expect(failuresOf(await deploys.deploy('v5', '--lock-wait', '60', ...patience))).to.deep.equal([])
    expect(await versions()).to.deep.equal(['v5', 'v5', 'v5'])
    expect(new Set(await liveReleases())).to.have.property('size', 1)
  })

  it('change only the hosts of -l', async () => {
    const before = await states()
    await application.release('v6')
    expect(failuresOf(await deploys.deploy('v6', '-l', 'web2'))).to.deep.equal([])
    expect(await versions()).to.deep.equal(['v5', 'v6', 'v5'])
    expect((await states()).filter((_, index) => index !== 1)).to.deep.equal([before[0], before[2]])
  })

  it('are listed by host, and rolled back on their hosts', async () => {
    const { tasks } = await deploys.start('releases').run
    const [release] = await liveReleases()
    expect(tasks.filter(({ module }) => module === 'debug').map(({ host }) => host)).to.deep.equal([...names])
    const lists = tasks.filter(({ module }) => module === 'debug').map(({ msg }) => msg)
    expect(lists[0]).to.match(new RegExp(`${release} +v5 .* <- current$`, 'm'))
    expect(lists[1]).to.match(new RegExp(`${release} +v5 .* retired$`, 'm'))

    const run = await deploys.rollback()
    expect(failuresOf(run)).to.deep.equal([])
    expect(Object.keys(messagesOf(run, 'Skip this host because the release is already live'))).to.deep.equal([
      'web1',
      'web3',
    ])
    expect(await liveReleases()).to.deep.equal([release, release, release])
  })

  it('are rolled back on all hosts, to the previous release or to that of --to', async () => {
    expect(failuresOf(await deploys.rollback())).to.deep.equal([])
    expect(await versions()).to.deep.equal(['v3', 'v3', 'v3'])
    const oldest = (await rootOn(web1, 'ls /srv/foobar/releases'))
      .split('\n')
      .find((id) => !id.endsWith('sample'))!
    expect(failuresOf(await deploys.rollback('--to', oldest))).to.deep.equal([])
    expect(await versions()).to.deep.equal(['v1', 'v1', 'v1'])
  })

  it('run in batches of deploy_serial, and keep deploy_keep releases on each host', async () => {
    await application.release('v7')
    const run = await deploys.deploy('v7', ...variables({ deploy_serial: '67%', deploy_keep: 2 }))
    expect(failuresOf(run)).to.deep.equal([])
    const last = Math.max(...['web1', 'web2'].map((host) => indexOf(run, 'Record the release as live', host)))
    expect(indexOf(run, 'Make the release the candidate', 'web2')).to.be.below(
      indexOf(run, 'Record the release as live', 'web1'),
    )
    expect(indexOf(run, 'Upload the release', 'web3')).to.be.above(last)
    const kept = await Promise.all(
      machines.map((host) => rootOn(host, 'cat /srv/foobar/releases/*/src/version.php')),
    )
    for (const each of kept) expect([...each.matchAll(/v\d/g)].join(' ')).to.equal('v1 v7')
  })

  it('switch no host if the migration fails', async () => {
    await application.release('v8')
    const run = await deploys.deploy(
      'v8',
      ...variables({ deploy_serial: '100%', deploy_migration: 'exit 1' }),
    )
    expect(run.code).to.equal(1)
    expect(await versions()).to.deep.equal(['v7', 'v7', 'v7'])
  })

  /** Returns the state of the deploys on each host as a string that every change changes. */
  function states(): Promise<string[]> {
    const script = `cd /srv/foobar
      readlink current candidate || :
      ls releases deploy/states
      cat deploy/journal.jsonl 2>/dev/null || :
      if [ -e deploy/lock ]; then echo locked; fi`
    return Promise.all(machines.map((host) => rootOn(host, script)))
  }

  /** Returns the version that visitors of each host see. */
  async function versions(): Promise<(string | undefined)[]> {
    const pages = await Promise.all(machines.map((host) => fetchFrom(host)))
    return pages.map((page) => /version=(.*);/.exec(page)?.[1])
  }

  async function liveReleases(): Promise<string[]> {
    const pages = await Promise.all(machines.map((host) => fetchFrom(host)))
    return pages.map((page) => /^X-Release: (.*)\r$/m.exec(page)![1]!)
  }

  function migrations(): Promise<string[]> {
    return Promise.all(machines.map((host) => rootOn(host, `cat ${migrated} 2>/dev/null || :`)))
  }
})

/** Returns an inventory of three web hosts, each with its own database. */
function inventoryOf(machines: readonly Machine[]): unknown {
  const hosts = machines.map((host, index) => [
    names[index],
    {
      ansible_host: host.address,
      ansible_port: host.port,
      ansible_user: host.user,
      ansible_ssh_private_key_file: host.privateKeyFile,
      ansible_ssh_common_args: `-o UserKnownHostsFile=${host.knownHostsFile}`,
    },
  ])
  const vars = {
    app_name: 'foobar',
    app_domains: [siteHost],
    ...siteSecrets,
    deploy_migration: `echo "$RELEASE" >>${migrated}`,
  }
  return { all: { vars, children: { web: { hosts: Object.fromEntries(hosts) as unknown } } } }
}

function hostsOf(run: JsonRun, task: string): string[] {
  return run.tasks.filter((finished) => finished.task === task).map(({ host }) => host)
}

function indexOf(run: JsonRun, task: string, host: string): number {
  return run.tasks.findIndex((finished) => finished.task === task && finished.host === host)
}

/** Returns the results of a task by host, without skipped ones. */
function messagesOf(run: JsonRun, task: string): Record<string, string> {
  const own = run.tasks.filter((finished) => finished.task === task && finished.status === 'ok')
  return Object.fromEntries(own.map(({ host, msg }) => [host, msg]))
}
