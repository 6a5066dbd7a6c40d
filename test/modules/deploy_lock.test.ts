import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'chai'

import { ExitCode, type TaskFailure } from '../../src/errors.ts'
import type { Lease, StepOutput } from '../../src/modules/definition/module.ts'
import { demandLock, journal } from '../../src/modules/deploy/notes.ts'
import { deployLockModule } from '../../src/modules/deploy_lock.ts'
import { deployLock, type LockHolder } from '../../src/state/deploy-lock.ts'
import type { Script } from '../../src/target/sh.ts'
import { journalOf, scratchFolder } from './application.ts'
import { asRoot, converge, plan, readState, run, shells, start, type RunningScript } from './harness.ts'

/** The exit code of a script if another run holds the lock. */
const taken = 75

describe('module deploy_lock', () => {
  const scratch = scratchFolder()
  let root: string
  beforeEach(() => {
    root = join(scratch.path, "it's shop")
  })

  for (const shell of shells)
    describe(`under ${shell}`, () => {
      it('takes the lock, which names its holder, the time and the purpose', async () => {
        const given = { root, run: 'a', by: 'ann on desk', purpose: 'deploy v1' }
        const { changes, state, result } = await converge(deployLockModule, given, { shell })
        expect(changes).to.deep.equal([{ field: 'lock', before: null, after: 'a' }])
        expect(state['holder']).to.deep.include({ run: 'a', by: 'ann on desk', purpose: 'deploy v1' })
        expect(holder()?.since).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
        expect(result['holder']).to.equal(state['holder'])
      })

      it('releases the lock only for its holder', async () => {
        await converge(deployLockModule, { root, run: 'a' }, { shell })
        await converge(deployLockModule, { root, run: 'b', state: 'absent' }, { shell })
        expect(run(leaseOf('b').release, shell).code).to.equal(0)
        expect(holder()?.run).to.equal('a')
        await converge(deployLockModule, { root, run: 'a', state: 'absent' }, { shell })
        expect(holder()).to.equal(null)
        expect(run(leaseOf('a').release, shell)).to.deep.equal({ code: 0, stdout: '', stderr: '' })
      })

      it('does not read a FIFO, a symlink or a huge file in place of the lock', async () => {
        const lock = join(root, 'deploy', 'lock')
        await converge(deployLockModule, { root, run: 'a' }, { shell })
        const { renew, release } = leaseOf('a')
        for (const plant of ['mkfifo "$1"', 'ln -s /dev/zero "$1"', 'truncate -s 100G "$1"']) {
          rmSync(lock, { force: true })
          expect(spawnSync('sh', ['-c', plant, 'sh', lock]).status).to.equal(0)
          for (const script of [demandLock(root, 'a'), renew]) expect(run(script, shell).code).to.equal(1)
          expect(run(release, shell).code).to.equal(0)
          expect(run(journal(root, { event: 'seen', run: 'a' }), shell).code).to.equal(0)
        }
      })

      it('distinguishes runs with similar ids', async () => {
        await converge(deployLockModule, { root, run: 'ab', by: '"run":"a"', purpose: 'a' }, { shell })
        expect(run(leaseOf('a').renew, shell).code).to.equal(1)
        run(leaseOf('a').release, shell)
        expect(holder()?.run).to.equal('ab')
      })

      it('renews the lock until another run takes it over, which the renewal then names', async () => {
        await converge(deployLockModule, { root, run: 'a' }, { shell })
        age(100)
        expect(holder()?.silent).to.be.at.least(100)
        expect(run(leaseOf('a').renew, shell)).to.deep.equal({ code: 0, stdout: '', stderr: '' })
        expect(holder()?.silent).to.be.below(100)
        age(100)
        await converge(deployLockModule, { root, run: 'b', by: 'bob' }, { shell })
        expect(holder()?.run).to.equal('b')
        const { code, stderr } = run(leaseOf('a').renew, shell)
        const { since } = holder()!
        expect([code, stderr]).to.deep.equal([1, `bob holds it now, since ${since} (deploy, run b)\n`])
        expect(journalOf(root)).to.deep.equal([{ event: 'lock taken over', run: 'b', by: 'bob' }])
      })

      it('removes the lock of another run by force, with a reason in the journal', async () => {
        await converge(deployLockModule, { root, run: 'a' }, { shell })
        const force = { root, run: 'b', by: 'bob', state: 'absent', force: true, reason: "it's $(dead)" }
        const { changes } = await converge(deployLockModule, force, { shell })
        expect(changes[0]?.before).to.match(/^unknown since .* \(deploy, run a\)$/)
        expect(holder()).to.equal(null)
        expect(run(leaseOf('a').renew, shell).stderr).to.equal('no run holds it any more\n')
        expect(journalOf(root)).to.deep.equal([
          { event: 'unlocked', run: 'b', by: 'bob', reason: "it's $(dead)" },
        ])
        expect((await converge(deployLockModule, force, { shell })).changes).to.deep.equal([])
      })

      it('fails while the holder is alive, with the name of the holder and a special exit code', async () => {
        await converge(deployLockModule, { root, run: 'a', by: 'ann', purpose: 'deploy v1' }, { shell })
        const waiter = start(acquire('b'), shell, { programs: telling('flock') })
        await secondTry(waiter)
        run(leaseOf('a').renew, shell)
        const failure = meaningOf(await waiter.ended)
        const { since } = holder()!
        expect(failure?.message).to.equal(`${root} is locked by ann since ${since} (deploy v1, run a)`)
        expect(failure?.exitCode).to.equal(ExitCode.locked)
        expect(failure?.hint).to.match(/--lock-wait .* hostwright unlock/)
        expect(failure?.values['holder']).to.deep.include({ run: 'a', by: 'ann' })
      })

      it('waits until the holder releases the lock', async () => {
        await converge(deployLockModule, { root, run: 'a' }, { shell })
        const waiter = start(acquire('b', { wait: 60 }), shell, { programs: telling('flock') })
        await secondTry(waiter)
        run(leaseOf('a').release, shell)
        expect((await waiter.ended).code).to.equal(0)
        expect(holder()?.run).to.equal('b')
      })

      it('takes over the lock of a dead run only when its processes have ended', async () => {
        for (const end of [acquire('b'), breakLock('c')]) {
          await converge(deployLockModule, { root, run: 'dead' }, { shell })
          age(100)
          const begun = spawn('sleep', ['1000'], { env: { ...process.env, HOSTWRIGHT_RUN: 'dead' } })
          const taking = start(end, shell, { programs: telling('grep') })
          await secondTry(taking)
          begun.kill()
          expect((await taking.ended).code).to.equal(0)
          rmSync(root, { recursive: true })
        }
      })

      asRoot('keeps users who can read the directory from locking the guard', async () => {
        await converge(deployLockModule, { root, run: 'a' }, { shell })
        run(leaseOf('a').release, shell)
        chmodSync(scratch.path, 0o755)
        const guard = join(root, 'deploy', 'guard')
        expect(statSync(guard).mode & 0o777).to.equal(0o600)
        expect(flockAs('nobody', guard).status).not.to.equal(0)
        // as in earlier versions
        chmodSync(guard, 0o644)
        expect(flockAs('nobody', guard).status).to.equal(0)
        await converge(deployLockModule, { root, run: 'b' }, { shell })
        expect(flockAs('nobody', guard).status).not.to.equal(0)
        expect(holder()?.run).to.equal('b')
      })

      asRoot('gives up after 10 seconds if another process holds the guard, and names it', async () => {
        const directory = join(root, 'deploy')
        mkdirSync(directory, { recursive: true })
        chmodSync(scratch.path, 0o755)
        const guard = join(directory, 'guard')
        writeFileSync(guard, '', { mode: 0o644 })
        const keep = 'exec 9<"$1"; flock 9; echo kept; exec sleep 1000'
        const keeper = spawn('runuser', ['-u', 'nobody', '--', 'sh', '-c', keep, 'sh', guard], {
          stdio: ['ignore', 'pipe', 'inherit'],
          detached: true,
        })
        try {
          await once(keeper.stdout, 'data')
          const before = Date.now()
          const outcomes = await Promise.all(
            [acquire('b'), breakLock('c')].map((script) => start(script, shell).ended),
          )
          expect(Date.now() - before).to.be.within(9000, 25_000)
          for (const outcome of outcomes) {
            const failure = meaningOf(outcome)
            expect(failure?.message).to.contain(
              `${root} cannot be locked: another process has held ${guard} for 10 seconds:\n`,
            )
            // another waiting run also has it open
            expect(failure?.message).to.match(/^pid \d+ of nobody \(sleep\)$/m)
            expect(failure?.exitCode).to.equal(ExitCode.locked)
          }
        } finally {
          process.kill(-keeper.pid!)
        }
      })

      it('neither takes nor takes over a lock on a full disk', async () => {
        mkdirSync(join(root, 'deploy'), { recursive: true })
        const withoutRoom = ['dash', '-c', 'trap "" XFSZ; ulimit -f 0; exec "$@"', 'dash']
        expect(run(acquire('b'), shell, { within: withoutRoom }).code).not.to.equal(0)
        expect(holder()).to.equal(null)
        await converge(deployLockModule, { root, run: 'a' }, { shell })
        age(100)
        expect(run(acquire('b'), shell, { within: withoutRoom }).code).not.to.equal(0)
        expect(holder()?.run).to.equal('a')
      })

      it('gives a lock with a time in the future a new limit, because the clock was set back', async () => {
        await converge(deployLockModule, { root, run: 'a' }, { shell })
        age(-3600)
        expect((await start(acquire('b'), shell).ended).code).to.equal(taken)
        expect(holder()?.silent).to.be.within(0, 60)
      })
    })

  for (const [content, said] of [
    ['', 'the lock cannot be read'],
    ['\0\0\0', 'the lock cannot be read'],
    ['{"since":"2026', '{"since":"2026'],
    ['by hand', 'by hand'],
  ] as const)
    it(`takes over a lock that contains ${JSON.stringify(content)}`, async () => {
      await converge(deployLockModule, { root, run: 'a' })
      writeFileSync(lockFile(), content)
      expect(holder()).to.deep.include({ run: '', by: '', since: '', purpose: '' })
      expect(run(leaseOf('a').renew)).to.include({ code: 1, stderr: `${said}\n` })
      const waiter = start(acquire('b'), 'dash', { programs: telling('flock') })
      await secondTry(waiter)
      age(0)
      const failure = meaningOf(await waiter.ended)
      expect(failure?.message).to.equal(`${root} is locked by an unknown run (the lock cannot be read)`)
      expect(failure?.exitCode).to.equal(ExitCode.locked)
      age(100)
      await converge(deployLockModule, { root, run: 'b' })
      expect(holder()?.run).to.equal('b')
    })

  it('gives the lock to exactly one of two runs at the same time, in 100 pairs', async () => {
    for (let group = 0; group < 10; group++) {
      const roots = Array.from({ length: 10 }, (_, index) => join(scratch.path, `shop ${group} ${index}`))
      await Promise.all(
        roots.map(async (one) => {
          const { winner, others } = await contest(['a', 'b'], { root: one })
          const [failure] = others.map((outcome) => meaningOf(outcome, one))
          expect(failure?.message).to.contain(`${one} is locked by unknown since `)
          expect(failure?.exitCode).to.equal(ExitCode.locked)
          expect(failure?.values).to.have.nested.property('holder.run', winner)
        }),
      )
    }
  })

  it('lets exactly one waiting run take over the lock of a dead run, and none that of a live run', async () => {
    const limits = { heartbeat: 1, stale_after: 2 }
    const [dead, alive] = ['dead', 'alive'].map((name) => join(scratch.path, name)) as [string, string]
    for (const one of [dead, alive]) await converge(deployLockModule, { root: one, run: 'holder', ...limits })
    const waiter = start(acquire('a', { ...limits, root: alive, wait: 3 })).ended
    const [{ winner, others }, refused] = await Promise.all([
      contest(['a', 'b', 'c', 'd'], { root: dead, ...limits }),
      renewedUntil(waiter, leaseOf('holder', alive)),
    ])
    expect(others.map(({ code }) => code)).to.deep.equal([taken, taken, taken])
    expect(holder(dead)?.run).to.equal(winner)
    expect(journalOf(dead)).to.deep.equal([{ event: 'lock taken over', run: winner, by: 'unknown' }])
    expect([refused.code, holder(alive)?.run]).to.deep.equal([taken, 'holder'])
  })

  it('holds a lease until the step that removes the lock', async () => {
    const [taking] = plan(deployLockModule, { root, run: 'a', heartbeat: 7, wait: 100 }).steps
    expect(taking?.acquires).to.deep.include({ name: `the deploy lock of ${root}`, interval: 7 })
    expect(taking?.waits).to.equal(true)
    expect(taking?.timeLimit).to.be.above(130)
    await converge(deployLockModule, { root, run: 'a' })
    const [removing] = plan(deployLockModule, { root, run: 'a', state: 'absent' }).steps
    expect(removing?.releases).to.equal(taking?.acquires?.name)
  })

  for (const [given, says] of [
    [{ heartbeat: 30 }, 'must be more than heartbeat'],
    [{ heartbeat: 0 }, 'must be at least 1'],
    [{ state: 'absent', force: true }, 'is required with force, for the journal'],
    [{ run: '' }, 'must not be empty'],
    [{ root: 'shop' }, 'expected an absolute path'],
  ] as const)
    it(`rejects ${JSON.stringify(given)}`, () => {
      const { error } = deployLockModule.params.safeParse({ root: '/srv/shop', run: 'a', ...given })
      expect(error?.message).to.contain(says)
    })

  /** Tries to lock a file as a user, who must be able to read it. */
  function flockAs(user: string, file: string) {
    return spawnSync('runuser', ['-u', user, '--', 'sh', '-c', 'exec 9<"$1" && flock -n 9', 'sh', file])
  }

  function lockFile(): string {
    return join(root, 'deploy', 'lock')
  }

  function holder(of = root): LockHolder | null {
    return readState({ holder: deployLock.key({ root: of }) }).holder
  }

  /** Sets the time of the last renewal to so many seconds ago. */
  function age(seconds: number): void {
    const then = Date.now() / 1000 - seconds
    utimesSync(lockFile(), then, then)
  }

  /** Returns the script that takes the lock for a run. */
  function acquire(name: string, given: object = {}): Script {
    return stepFor(name, given).script
  }

  function breakLock(name: string): Script {
    return stepFor(name, { state: 'absent', force: true, reason: 'dead' }).script
  }

  function leaseOf(name: string, of = root): Lease {
    return stepFor(name, { root: of }).acquires!
  }

  function stepFor(name: string, given: object) {
    const params = deployLockModule.params.parse({ root, run: name, ...given })
    const [step] = deployLockModule.apply([], params, {})
    return step!
  }

  function meaningOf(outcome: StepOutput, of = root): TaskFailure | undefined {
    return deployLockModule.explain?.(outcome, deployLockModule.params.parse({ root: of, run: 'x' }))
  }

  /** Starts runs that try to take the lock at the same time. The winner renews it until all others have ended. */
  async function contest(names: readonly string[], given: { root: string }) {
    const takers = names.map((name) => ({ name, ended: start(acquire(name, given)).ended }))
    const winner = await Promise.any(
      takers.map(async ({ name, ended }) => {
        if ((await ended).code !== 0) throw new Error(`${name} did not get it`)
        return name
      }),
    )
    const rest = takers.filter(({ name }) => name !== winner).map(({ ended }) => ended)
    return { winner, others: await renewedUntil(Promise.all(rest), leaseOf(winner, given.root)) }
  }

  /** Renews the lease repeatedly until the work is done. */
  async function renewedUntil<Value>(work: Promise<Value>, { renew }: Lease): Promise<Value> {
    const state = { isOver: false }
    const over = work.finally(() => {
      state.isOver = true
    })
    while (!state.isOver) {
      expect((await start(renew).ended).code).to.equal(0)
      await Promise.race([over, pause(100)])
    }
    return over
  }

  /** Creates a directory with a program of this name that reports each call on stderr. */
  function telling(name: string): string {
    const programs = join(scratch.path, 'programs')
    mkdirSync(programs, { recursive: true })
    const script = `#!/bin/sh\necho asked >&2\nPATH=/usr/bin:/bin exec ${name} "$@"\n`
    writeFileSync(join(programs, name), script, { mode: 0o755 })
    return programs
  }

  /** Waits for the second call: the first attempt has then failed. */
  async function secondTry({ process: { stderr } }: RunningScript): Promise<void> {
    let said = ''
    while (said.split('asked\n').length < 3) {
      const [text] = (await once(stderr, 'data')) as [string]
      said += text
    }
  }
})
