import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import type { Machine } from '../../src/sandbox/index.ts'
import { attach, sh } from '../../src/target/sh.ts'
import { Application } from './application.ts'
import { project } from './command.ts'
import { convergedSite, siteSecrets } from './converged-site.ts'
import { DeployedSite, type DeployRun } from './deployed-site.ts'
import { Deploys } from './deploys.ts'
import { machine, rootOn } from './machine.ts'
import { fetchFrom, siteHost } from './site.ts'

const root = '/srv/foobar'

describe('a deploy withstands', () => {
  const target = machine({ name: 'attacked', from: () => convergedSite('bookworm') })
  let site: DeployedSite

  before('deployed', async () => {
    site = await DeployedSite.open(target)
    const program = await readFile(join(project, 'test/attack/swap.pl'))
    await site.root(
      sh`cat ${attach('swap', program)} >/usr/local/bin/swap.pl; chmod 0755 /usr/local/bin/swap.pl`,
    )
  })
  after(() => site.close())

  it('a commit that replaces its log with a symlink to /etc/shadow', async () => {
    await site.release('shows-shadow', { files: { 'src/pages/health.php': showsShadow } })
    const run = await site.deploy('shows-shadow')
    expect(run.code).to.equal(1)
    expect(run.stdout).to.contain('/health: status 500')
    expect(run.stdout).not.to.match(/root:[^:]*:\d+:/)
    await asApplication('cd shared/log && rm -f php.log waiting && : >php.log')
  })

  it('a named pipe instead of the log, in a deploy and in a rollback', async () => {
    await asApplication('cd shared/log && rm -f php.log && mkfifo php.log')
    try {
      expect(failureOf(await site.deploy('v2'))).to.equal(undefined)
      expect(failureOf(await site.run(['rollback']))).to.equal(undefined)
    } finally {
      await asApplication('cd shared/log && rm -f php.log && : >php.log')
    }
  })

  it('set-user-ID files and special modes from the build', async () => {
    await site.release('set-id')
    const build = ['cp /bin/true tool && chmod 4755 tool', 'mkdir open && chmod 1777 open']
    expect(failureOf(await site.deploy('set-id', { deploy_build: build }))).to.equal(undefined)
    const listing = await site.root(sh`cd ${`${root}/current/`} && stat -c '%n %a %U' tool open`)
    expect(listing).to.equal('tool 755 root\nopen 755 root\n')
    const special = await site.root(sh`find ${`${root}/releases`} -perm /7000`)
    expect(special).to.equal('')
  })

  it('the application, when it creates a shared directory inside a directory of the application', async () => {
    await site.release('shares-storage', { files: { 'storage/a': '' } })
    expect(
      failureOf(await site.deploy('shares-storage', { deploy_shared_directories: ['storage'] })),
    ).to.equal(undefined)
    await site.release('shares-app', { files: { 'storage/app/evil': '* * * * * root id\n' } })
    await asApplication(
      'swap.pl shared/storage app /etc/cron.d >/tmp/swaps 2>&1 & until grep -qs watching /tmp/swaps; do sleep 0.1; done',
    )
    const run = await site.deploy('shares-app', { deploy_shared_directories: ['storage/app'] })
    expect(await site.root(sh`ls /etc/cron.d`)).not.to.contain('evil')
    expect(failureOf(run)).to.contain(`${root}/shared/storage belongs to foobar`)
    expect(await site.root(sh`cat /tmp/swaps`)).to.equal('watching\n')
    await site.root(sh`pkill -xf 'perl.*swap.pl.*' || :`)

    await asApplication('mkdir shared/storage/app')
    expect(
      failureOf(await site.deploy('shares-app', { deploy_shared_directories: ['storage/app'] })),
    ).to.equal(undefined)
  })

  it('an application that owns the directories of its deploys', async () => {
    await site.release('written-through-a-link')
    const attacks = [
      ['deploy', 'rm -f deploy/lock.new && ln -s /etc/cron.d/planted deploy/lock.new'],
      ['shared', 'mv shared/log away && ln -s /etc/cron.d shared/log'],
    ] as const
    for (const [directory, attack] of attacks) {
      await site.root(
        sh`cd ${root} && cp -a ${directory} ${`/root/${directory}`} && chown foobar: . ${directory}`,
      )
      await asApplication(attack)
      const before = await site.root(sh`cd / && ls -laR etc/cron.d srv/foobar | cksum`)
      for (const command of [
        ['deploy', '--tag', 'written-through-a-link'],
        ['rollback'],
        ['unlock', '--reason', 'a test'],
        ['maintenance', 'on'],
      ]) {
        const run = await site.run(command)
        expect(await site.root(sh`ls /etc/cron.d`)).not.to.contain('planted')
        expect(failureOf(run), command.join(' ')).to.match(
          /^cannot deploy to insecure directories: \/srv\/foobar belongs to foobar; /,
        )
        expect(run.code).to.equal(1)
      }
      expect(await site.root(sh`cd / && ls -laR etc/cron.d srv/foobar | cksum`)).to.equal(before)
      await site.root(
        sh`cd ${root} && rm -rf ${directory} away && mv ${`/root/${directory}`} . && chown root: . && ls -l`,
      )
    }
    expect(failureOf(await site.deploy('written-through-a-link'))).to.equal(undefined)
  })

  it('a lock on the guard of its lock', async () => {
    await site.release('is-not-blocked')
    const keep = sh`
      cd ${root}
      ( runuser -u foobar -- sh -c 'exec 9<deploy/guard && flock 9 && echo kept && exec sleep 600' >/tmp/kept 2>&1 & ) >/dev/null
      until [ -s /tmp/kept ]; do sleep 0.1; done
      cat /tmp/kept
    `
    expect(await site.root(keep)).to.match(/Permission denied/)
    expect(failureOf(await site.deploy('is-not-blocked'))).to.equal(undefined)

    // as previous versions left it
    await site.root(sh`chmod 0644 ${`${root}/deploy/guard`} && rm /tmp/kept`)
    expect(await site.root(keep)).to.equal('kept\n')
    const began = Date.now()
    const run = await site.run(['unlock', '--reason', 'a test'])
    const refused = await site.run(['rollback'])
    expect(Date.now() - began).to.be.below(60_000)
    expect([run.code, refused.code]).to.deep.equal([0, 6])
    expect(failureOf(refused)).to.match(
      /another process has held \/srv\/foobar\/deploy\/guard for \d+ seconds:\n(.*\n)*pid \d+ of foobar \(sleep\)$/m,
    )
    await site.root(sh`pkill -u foobar -x sleep`)
    expect(failureOf(await site.run(['rollback']))).to.equal(undefined)
  })

  /** Runs a script as the application's user, in the application's folder. */
  function asApplication(script: string): Promise<string> {
    return site.root(sh`cd ${root} && exec runuser -u foobar -- sh -euc ${script} </dev/null`)
  }
})

describe('a deploy to two hosts withstands', () => {
  const machines = ['liar', 'honest'].map((name) => machine({ name, from: () => convergedSite('bookworm') }))
  const [liar, honest] = machines as [Machine, Machine]
  let folder: string
  let application: Application
  let deploys: Deploys

  before('three releases', async () => {
    folder = await mkdtemp(join(tmpdir(), 'hostwright-inventory-'))
    await writeFile(join(folder, 'hosts.yml'), JSON.stringify(inventoryOf(machines)))
    application = await Application.create()
    deploys = await Deploys.create(application, ['-i', join(folder, 'hosts.yml')])
    for (const version of ['v1', 'v2', 'v3']) {
      await application.release(version)
      const { code, stdout } = await deploys.deploy(version)
      if (code !== 0) throw new Error(`${version} was not deployed:\n${stdout}`)
    }
  })
  after(async () => {
    await rm(folder, { recursive: true })
    await application.remove()
    await deploys.remove()
  })

  const liveOn = async (host: Machine) =>
    (await rootOn(host, `readlink ${root}/current`)).trim().split('/').at(-1)
  const versionOn = async (host: Machine) => /version=(.*);/.exec(await fetchFrom(host, '/version.txt'))?.[1]

  /** Makes the lying host claim that a commit is live under an id. */
  const claim = (old: string, id: string, revision: string) =>
    rootOn(
      liar,
      `cd ${root}
      [ ${old} = ${id} ] || cp -a releases/${old} releases/${id}
      sed -i 's/"revision": "[0-9a-f]*"/"revision": "${revision}"/' releases/${id}/release.json
      echo 'live 2026-01-01T00:00:00Z' >deploy/states/${id}
      ln -sfn releases/${id} current`,
    )
  const releasesOn = async (host: Machine) =>
    (await rootOn(host, `ls ${root}/releases`)).split('\n').filter((name) => /Z-[0-9a-f]{7}$/.test(name))

  it('a host that claims to have the commit under the id of an older release', async () => {
    const [oldest] = await releasesOn(liar)
    await application.release('v4')
    const revision = (await application.git('rev-parse', 'v4')).trim()
    const before = await liveOn(liar)
    await claim(oldest!, oldest!, revision)
    const { code, stdout } = await deploys.deploy('v4')
    expect(await versionOn(honest)).to.equal('v4')
    expect(await liveOn(honest)).to.match(new RegExp(`-${revision.slice(0, 7)}$`))
    expect(code, stdout).to.equal(0)
    await rootOn(liar, `cd ${root} && ln -sfn releases/${before} current`)
  })

  it('a host that claims that its rollback goes further back than that of the others', async () => {
    const [, second] = await releasesOn(honest)
    await claim(second!, '99991231T000000Z-abcdef0', 'ab'.repeat(20))
    await rootOn(
      liar,
      `cd ${root}/deploy/states && for note in 2*; do case $note in ${second}) ;; *) echo 'bad 2026-01-01T00:00:00Z' >$note ;; esac; done; echo 'retired 2026-01-01T00:00:00Z' >${second}`,
    )
    const run = await deploys.rollback()
    expect(await versionOn(honest)).to.equal('v4')
    expect(run.code).to.equal(1)
    const failure = run.tasks.find(({ status, host }) => status === 'failed' && host === 'honest')
    expect(failure?.msg).to.match(
      new RegExp(`^another host claims that ${second} is the previous release, but here it is .* --to`),
    )
    expect((await deploys.rollback('-l', 'honest')).code).to.equal(0)
    expect(await versionOn(honest)).to.equal('v3')
  })

  it('an inventory that allows directories that other users control', async () => {
    await rootOn(honest, `chown foobar: ${root}/shared`)
    const { code, tasks } = await deploys.start('releases').run
    await rootOn(honest, `chown root: ${root}/shared`)
    expect(code).to.equal(1)
    expect(tasks.find(({ status, host }) => status === 'failed' && host === 'honest')?.msg).to.contain(
      `cannot deploy to insecure directories: ${root}/shared belongs to foobar`,
    )
  })
})

/** A program that answers with an error, and waits until the logs are read. */
const showsShadow = `<?php
$logs = dirname(__DIR__, 4) . '/shared/log';
if (!file_exists("$logs/waiting")) {
    touch("$logs/waiting");
    file_put_contents("$logs/php.log", '');
    $swap = "while ! grep -qs journalctl /proc/[0-9]*/comm; do sleep 0.01; done; ln -sfn /etc/shadow $logs/new; mv -f $logs/new $logs/php.log";
    exec('nohup timeout 60 sh -c ' . escapeshellarg($swap) . ' >/dev/null 2>&1 &');
}
http_response_code(500);
`

/** Returns the message of a failed run. */
function failureOf({ tasks, code, stderr }: DeployRun): string | undefined {
  if (code === 0) return undefined
  return tasks.findLast(({ status }) => status === 'failed')?.msg ?? stderr
}

function inventoryOf(hosts: readonly Machine[]): object {
  const entries = hosts.map((host, index) => [
    ['liar', 'honest'][index],
    {
      ansible_host: host.address,
      ansible_port: host.port,
      ansible_user: host.user,
      ansible_ssh_private_key_file: host.privateKeyFile,
      ansible_ssh_common_args: `-o UserKnownHostsFile=${host.knownHostsFile}`,
    },
  ])
  const vars = {
    ...{ app_name: 'foobar', app_domains: [siteHost], ...siteSecrets, deploy_serial: [1, 1] },
    app_allow_insecure_directories: true,
  }
  return { all: { vars, children: { web: { hosts: Object.fromEntries(entries) as object } } } }
}
