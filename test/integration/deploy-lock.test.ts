import type { ChildProcess } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import pLimit from 'p-limit'

import type { RunEvent } from '../../src/engine/event.ts'
import { sh } from '../../src/target/sh.ts'
import { hostwright, insteadOf, project, type CommandResult, type StartedCommand } from './command.ts'
import { convergedSite } from './converged-site.ts'
import { DeployedSite, type DeployRun, type Variables } from './deployed-site.ts'
import { machine } from './machine.ts'
import { untidiness } from './sight.ts'

/** The seconds without a heartbeat after which a holder counts as dead. */
const quickly: Variables = { deploy_lock_heartbeat: 1, deploy_lock_stale_after: 4 }

const takesTheLock = 'Acquire the deploy lock'

describe('the lock of the deploys', () => {
  const target = machine({ name: 'lock', from: () => convergedSite('bookworm') })
  let site: DeployedSite
  const stalled: ChildProcess[] = []

  before('deployed', async () => {
    site = await DeployedSite.open(target)
    for (const version of ['v3', 'v4', 'v5', 'v6']) await site.release(version)
  })
  afterEach(() => {
    for (const process of stalled.splice(0)) process.kill('SIGKILL')
  })
  after(() => site.close())

  /** A deploy that its listener has suspended. */
  interface Stalled {
    readonly run: Promise<DeployRun>
    goOn(): void
  }

  /** Starts a deploy, and resolves when its controller is suspended. */
  function stall(
    version: string,
    when: (event: RunEvent) => Promise<unknown> | undefined,
    variables: Variables,
  ): Promise<Stalled> {
    return new Promise((resolve, reject) => {
      const listener = (event: RunEvent, { process }: StartedCommand) => {
        when(event)?.then(() => {
          process.kill('SIGSTOP')
          stalled.push(process)
          resolve({ run, goOn: () => process.kill('SIGCONT') })
        }, reject)
      }
      const { run } = site.start(['deploy', '--tag', version], listener, variables)
    })
  }

  it('passes from a suspended controller to the next one, which waits until the script of the first one ends', async () => {
    const migration = 'sleep 312'
    const begun = sh`timeout 20 sh -c 'until pgrep -xf "$1"; do :; done' sh ${migration}`
    const isMigrating = (event: RunEvent) =>
      event.event === 'task-start' && event.task === 'Run the database migration'
    const first = await stall('v2', (event) => (isMigrating(event) ? site.root(begun) : undefined), {
      ...quickly,
      deploy_migration: migration,
    })
    let running: Promise<string> | undefined
    const second = site.start(
      ['deploy', '--tag', 'v3'],
      (event) => {
        if (event.event !== 'task' || event.task !== takesTheLock) return
        running = site.root(sh`pgrep -xf ${migration} || :`)
        first.goOn()
      },
      quickly,
    )
    const [late, { code }] = await Promise.all([first.run, second.run])
    expect(await running).to.equal('')
    expect(code).to.equal(0)
    expect(late.code).to.equal(6)
    expect(failureOf(late)).to.match(
      /^the deploy lock of \/srv\/foobar was lost: .+ holds it now, since .+Z \(deploy v3, run \w+\)\nrun again; this run changes nothing more on this host$/,
    )
    expect(untidiness(await site.look())).to.deep.equal([])
    expect((await site.look()).current).to.match(suffixOf('v3'))
  })

  it('can be taken from a suspended controller, which then changes nothing more', async () => {
    const first = await stall(
      'v4',
      (event) => (isEnd(event, 'Start PHP-FPM of the candidate') ? Promise.resolve() : undefined),
      quickly,
    )
    const unlocked = await site.run(['unlock', '--reason', 'its machine burns'])
    expect(unlocked.code, unlocked.stderr).to.equal(0)
    const journal = await site.root(sh`tail -n 1 /srv/foobar/deploy/journal.jsonl`)
    expect(JSON.parse(journal)).to.include({ event: 'unlocked', reason: 'its machine burns' })
    expect((await site.deploy('v5')).code).to.equal(0)

    const before = await site.look()
    expect(untidiness(before)).to.deep.equal([])
    first.goOn()
    const late = await first.run
    expect(late.code).to.equal(6)
    expect(failureOf(late)).to.equal(
      'the deploy lock of /srv/foobar was lost: no run holds it any more\nrun again; this run changes nothing more on this host',
    )
    expect(await site.look()).to.deep.equal(before)
  })

  it('is waited for with --lock-wait', async () => {
    const runs = ['v4', 'v6'].map((version) => site.run(['deploy', '--tag', version, '--lock-wait', '120']))
    for (const { code, stderr } of await Promise.all(runs)) expect(code, stderr).to.equal(0)
    const sight = await site.look()
    expect(untidiness(sight)).to.deep.equal([])
    expect([...sight.states.values()].slice(-2)).to.have.members(['live', 'retired'])
  })

  describe('of a hundred applications', () => {
    let folder: string

    before('a deploy that only acquires the lock, as the real one does', async () => {
      folder = await mkdtemp(join(tmpdir(), 'hostwright-pairs-'))
      await mkdir(join(folder, 'playbooks'))
      await mkdir(join(folder, 'inventory'))
      await writeFile(join(folder, 'inventory', 'hosts.yml'), '{ web: { hosts: { www.foobar.com: } } }\n')
      const playbook = [
        {
          hosts: 'web',
          become: true,
          vars: { deploy_lock_heartbeat: 1, deploy_lock_stale_after: 60 },
          tasks: [
            { import_tasks: join(project, 'playbooks/roles/deploy/tasks/lock.yml') },
            { shell: 'echo <%= deploy_run %> >><%= app_root %>/deployed' },
            { wait_for: { path: '<%= app_root %>/lost', timeout: 60 } },
          ],
        },
      ]
      await writeFile(join(folder, 'playbooks', 'deploy.yml'), JSON.stringify(playbook))
    })
    after(() => rm(folder, { recursive: true, force: true }))

    function deployTo(root: string): Promise<CommandResult> {
      const variables = ['-e', JSON.stringify({ app_root: root })]
      const what = ['deploy', '--tag', 'v1', '--repo', site.application.repository]
      return hostwright([...what, ...insteadOf(target), ...variables], { cwd: folder })
    }

    /** Starts two deploys of one application; the winner waits until the other one has lost. Returns the mistakes. */
    async function compete(root: string): Promise<string[]> {
      const runs = [deployTo(root), deployTo(root)]
      const loser = await Promise.race(runs)
      await site.root(sh`touch ${`${root}/lost`}`)
      const codes = (await Promise.all(runs)).map(({ code }) => code).sort()
      const deployed = (await site.root(sh`cat ${`${root}/deployed`}; rm -r ${root}`)).trim()
      const named = /is locked by .+ since .+Z \(deploy v1, run (\w+)\)$/m.exec(loser.stdout)?.[1]
      return codes.join() === '0,6' && deployed === named
        ? []
        : [`${root}: codes ${codes.join()}, deployed ${deployed}, named ${String(named)}\n${loser.stdout}`]
    }

    it('lets exactly one deploy of each pair proceed, and names it to the other one', async () => {
      // as many concurrent logins as sshd accepts with its defaults
      const atATime = pLimit(4)
      const roots = Array.from({ length: 100 }, (_, index) => `/srv/pairs/${index}`)
      const wrong = await Promise.all(roots.map((root) => atATime(() => compete(root))))
      expect(wrong.flat()).to.deep.equal([])
    }).timeout(600_000)
  })

  function suffixOf(version: string): RegExp {
    return new RegExp(`${site.liveRelease(version).release}$`)
  }
})

function isEnd(event: RunEvent, task: string): boolean {
  return event.event === 'task' && event.task === task
}

/** Returns the last message of a failed run. */
function failureOf({ tasks }: DeployRun): string | undefined {
  return tasks.findLast(({ status }) => status === 'failed')?.msg
}
