import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'

import { ConnectionError } from '../../../src/errors.ts'
import { attach, sh } from '../../../src/target/sh.ts'
import type { Script } from '../../../src/target/sh.ts'
import { oldHost, hostShells, startShell } from './host-shell.ts'
import type { HostShell, RunningShell, StartOptions } from './host-shell.ts'

describe('Shell', () => {
  const open: RunningShell[] = []
  let scratch: string

  before(() => {
    scratch = mkdtempSync(join(tmpdir(), 'hostwright-shell-'))
  })
  after(() => {
    rmSync(scratch, { recursive: true })
  })
  afterEach(async () => {
    for (const { shell, pipes } of open.splice(0)) {
      shell.close()
      await pipes.ended
    }
  })

  async function start(host: HostShell, options?: StartOptions): Promise<RunningShell> {
    const running = await startShell(host, options)
    open.push(running)
    return running
  }

  /** Runs one script and returns its outcome. */
  async function outcome({ shell }: RunningShell, script: Script, timeLimit = 20) {
    const [only] = await shell.run({ scripts: [script], timeLimit })
    return only!
  }

  const hosts = hostShells()

  it('kills a script that ignores SIGTERM', async () => {
    const outcomes = hosts.map(async (host) =>
      outcome(await start(host), sh`trap '' TERM; echo begun; sleep 1000`, 1),
    )
    for (const killed of await Promise.all(outcomes))
      expect(killed).to.deep.include({ code: 124, timedOut: true, stdout: 'begun\n' })
  }).timeout(20_000)

  for (const host of hosts) {
    describe(`on a host with ${host.name}`, () => {
      it('returns exit code, stdout and stderr of each script', async () => {
        const { shell } = await start(host)
        const scripts = [sh`echo out; echo err >&2`, sh`printf 'no newline'; exit 7`]
        expect(await shell.run({ scripts, timeLimit: 20 })).to.deep.equal([
          { code: 0, stdout: 'out\n', stderr: 'err\n', timedOut: false },
          { code: 7, stdout: 'no newline', stderr: '', timedOut: false },
        ])
      })

      it('stops at the first failure', async () => {
        const { shell } = await start(host)
        const outcomes = await shell.run({ scripts: [sh`true`, sh`exit 3`, sh`true`], timeLimit: 20 })
        expect(outcomes.map(({ code }) => code)).to.deep.equal([0, 3])
      })

      it('runs scripts with -eu, an empty stdin, LC_ALL=C, umask 022, in / and in a separate process group', async () => {
        const running = await start(host)
        const script = sh`
          cat
          case $- in *e*) ;; *) echo without -e ;; esac
          case $- in *u*) ;; *) echo without -u ;; esac
          printf '%s %s %s\n' "$LC_ALL" "$(umask)" "$(pwd)"
          read -r stat </proc/$$/stat
          set -- \${stat##*) }
          [ "$3 $4" = "$$ $$" ] || echo no leader
        `
        const { stdout, code } = await outcome(running, script)
        expect(code).to.equal(0)
        expect(stdout).to.match(/^C 0*22 \/\n$/)
      })

      it('does not make scripts ignore SIGINT', async () => {
        const { code } = await outcome(await start(host), sh`kill -INT $$; exit 0`)
        expect(code).to.equal(130)
      })

      it('passes no state from one batch to the next', async () => {
        const { shell } = await start(host)
        const run = (script: Script) => shell.run({ scripts: [script], timeLimit: 20 })
        const [first, second, third] = await Promise.all([
          run(sh`a=1; cd /tmp; umask 077; trap 'echo trapped' 0; exec 9>/dev/null`),
          run(sh`pwd; umask | tr -d 0; echo \${a-unset}`),
          run(sh`cat ${attach('f', 'x')}`),
        ])
        expect(first[0]!.stdout).to.equal('trapped\n')
        expect(second[0]!.stdout).to.equal('/\n22\nunset\n')
        expect(third[0]!.stdout).to.equal('x')
      })

      it('transfers attachments unchanged in pieces of any size', async () => {
        await fc.assert(
          fc.asyncProperty(
            fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 3 }),
            fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 }),
            async (contents, pieces) => {
              const { shell, pipes } = await startShell(host, { pieces })
              const files = contents.map((content, index) => attach(`f${index}`, Buffer.from(content)))
              const scripts = [...files.map((file) => sh`od -An -v -tx1 ${file} | tr -d ' \n'`), sh`echo ok`]
              const outcomes = await shell.run({ scripts, timeLimit: 20 })
              shell.close()
              await pipes.ended
              const hex = contents.map((content) => Buffer.from(content).toString('hex'))
              expect(outcomes.map(({ stdout }) => stdout)).to.deep.equal([...hex, 'ok\n'])
            },
          ),
          { numRuns: 6 },
        )
      }).timeout(60_000)

      it('carries 10 MB in both directions', async () => {
        const content = Buffer.alloc(10 * 1024 * 1024, 'hostwright\n')
        const running = await start(host)
        const { stdout } = await outcome(running, sh`cat ${attach('big', content)}`)
        expect(stdout === content.toString()).to.equal(true)
      }).timeout(30_000)

      it('keeps NUL bytes and non-ASCII text in the output', async () => {
        const { stdout } = await outcome(await start(host), sh`printf 'a\\000b\\303\\251'`)
        expect(stdout).to.equal('a\0bé')
      })

      it('neither waits for a daemon that keeps the output open nor kills it', async () => {
        const running = await start(host)
        const pidFile = join(scratch, `${host.name}.daemon`)
        const script = sh`
          (while :; do echo more; sleep 0.01; done) &
          echo $! >${pidFile}
          echo started
        `
        const first = await outcome(running, script)
        expect(first.stdout).to.match(/^started\n|^more\n/)
        expect((await outcome(running, sh`echo next`)).stdout).to.equal('next\n')
        const pid = Number(readFileSync(pidFile, 'utf8'))
        expect(existsSync(`/proc/${pid}`)).to.equal(true)
        process.kill(pid)
      })

      it('kills a script that exceeds its time limit, with all its processes, and reports that', async () => {
        const running = await start(host)
        const pidFile = join(scratch, `${host.name}.slow`)
        const slow = await outcome(running, sh`sleep 1000 & echo $! >${pidFile}; echo begun; wait`, 1)
        expect(slow).to.deep.include({ code: 124, timedOut: true, stdout: 'begun\n' })
        expect(isRunning(Number(readFileSync(pidFile, 'utf8')))).to.equal(false)
        expect((await outcome(running, sh`exit 124`)).timedOut).to.equal(false)
      })

      it('kills the running script of a cancelled batch, skips the rest and keeps the session', async () => {
        const { shell } = await start(host)
        const pidFile = join(scratch, `${host.name}.cancelled`)
        const controller = new AbortController()
        const scripts = [sh`sleep 1000 & echo $! >${pidFile}; wait`, sh`echo never >>${pidFile}`]
        const run = shell.run({ scripts, timeLimit: 100 }, controller.signal)
        await untilExists(pidFile)
        controller.abort(new Error('enough'))
        const error = await rejection(run)
        expect(error).to.have.property('message', 'enough')
        expect(isRunning(Number(readFileSync(pidFile, 'utf8').trim()))).to.equal(false)
        expect((await shell.run({ scripts: [sh`echo on`], timeLimit: 9 }))[0]!.stdout).to.equal('on\n')
      })

      it('starts no script that the guard forbids', async () => {
        const { shell } = await start(host)
        const proof = join(scratch, `${host.name}.forbidden`)
        const batch = {
          scripts: [sh`touch ${proof}`, sh`touch ${proof}`],
          timeLimit: 20,
        }
        const [only, ...others] = await shell.run({ ...batch, guard: sh`echo 'not now' >&2; exit 3` })
        expect(only).to.deep.equal({
          ...{ code: 125, stdout: '', stderr: 'not now\n', timedOut: false, stopped: true },
        })
        expect(others).to.deep.equal([])
        expect(existsSync(proof)).to.equal(false)
        const allowed = await shell.run({ ...batch, guard: sh`echo 'never shown'; echo >&2` })
        expect(allowed.map(({ code, stderr }) => [code, stderr])).to.deep.equal([
          [0, ''],
          [0, ''],
        ])
      })

      it('kills a running script with all its processes when the guard fails, and skips the rest', async () => {
        const { shell } = await start(host)
        const [permit, pidFile] = [
          join(scratch, `${host.name}.permit`),
          join(scratch, `${host.name}.guarded`),
        ]
        writeFileSync(permit, '')
        const scripts = [sh`true`, sh`sleep 1000 & echo $! >${pidFile}; echo begun; wait`, sh`echo never`]
        const guard = sh`[ -e ${permit} ] || { echo 'no more' >&2; exit 1; }`
        const run = shell.run({ scripts, timeLimit: 100, guard })
        await untilExists(pidFile)
        rmSync(permit)
        const [, stopped, ...others] = await run
        expect(stopped).to.deep.include({ stdout: 'begun\n', stderr: 'no more\n', stopped: true })
        expect(others).to.deep.equal([])
        expect(isRunning(Number(readFileSync(pidFile, 'utf8')))).to.equal(false)
        expect((await shell.run({ scripts: [sh`echo on`], timeLimit: 9 }))[0]!.stdout).to.equal('on\n')
      })

      it('kills everything and leaves no files after the connection is lost', async () => {
        const running = await startShell(host)
        const pidFile = join(scratch, `${host.name}.lost`)
        const script = sh`sleep 1000 & echo "$FILES" >${pidFile}.files; echo $! >${pidFile}; cat ${attach('f', 'x')}; wait`
        const run = running.shell.run({ scripts: [script], timeLimit: 100 })
        await untilExists(pidFile)
        running.pipes.stdin.destroy()
        expect(await rejection(run)).to.deep.include({ problem: 'lost' })
        await running.pipes.ended
        expect(isRunning(Number(readFileSync(pidFile, 'utf8')))).to.equal(false)
        const files = readFileSync(`${pidFile}.files`, 'utf8').trim()
        expect(existsSync(join(files, '..'))).to.equal(false)
      })

      it('does not run an incomplete script', async () => {
        const running = await startShell(host)
        const proof = join(scratch, `${host.name}.partial`)
        await outcome(running, sh`true`)
        const text = `touch ${proof}; true`
        running.pipes.stdin.end(`run 2 20 s ${text.length + 5}\n${text}`)
        await running.pipes.ended
        expect(existsSync(proof)).to.equal(false)
      })

      it('loses the connection, without a failed task, if a script kills its parent', async () => {
        const running = await startShell(host)
        const { stdout } = await outcome(running, sh`echo "$FILES"`)
        const directory = join(stdout.trim(), '..')
        expect(existsSync(directory)).to.equal(true)
        const error = await rejection(outcome(running, sh`kill -9 $PPID; sleep 1000`))
        expect(error).to.be.instanceOf(ConnectionError).and.deep.include({ problem: 'lost' })
        expect(String(error)).to.include('killed by SIGKILL')
        await untilGone(directory)
      })
    })
  }

  describe('on a host with an old dd', () => {
    const host = oldHost()

    it('transfers attachments unchanged in pieces of any size with an old dd', async () => {
      const running = await start(host, { pieces: [1, 5, 2] })
      const content = Buffer.from(Array.from({ length: 600 }, (_, index) => index % 256))
      const { stdout } = await outcome(running, sh`od -An -v -tx1 ${attach('f', content)} | tr -d ' \n'`)
      expect(stdout).to.equal(content.toString('hex'))
    })

    it('kills a script that exceeds its time limit with an old dd', async () => {
      const slow = await outcome(await start(host), sh`echo begun; exec sleep 1000`, 1)
      expect(slow).to.deep.include({ code: 124, timedOut: true, stdout: 'begun\n' })
    })
  })

  it('removes the files of a batch after it, and the directory at the end', async () => {
    const [dash] = [{ name: 'dash', path: process.env['PATH']! }]
    const running = await startShell(dash)
    const { stdout } = await outcome(running, sh`echo "$FILES"; cat ${attach('secret', 'x')} >/dev/null`)
    const directory = join(stdout.trim(), '..')
    await outcome(running, sh`true`)
    expect(readdirSync(directory).filter((name) => name.startsWith('1.'))).to.deep.equal([])
    running.shell.close()
    await running.pipes.ended
    expect(existsSync(directory)).to.equal(false)
  })
})

function isRunning(pid: number): boolean {
  try {
    const state = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]
    return state?.startsWith('Z') === false
  } catch {
    return false
  }
}

/** Waits for a file that a script of another process writes. */
async function untilExists(file: string): Promise<void> {
  while (!existsSync(file) || readFileSync(file, 'utf8') === '')
    await new Promise((resolve) => setTimeout(resolve, 5))
}

/** Waits until the last process on the host removes the directory, which it does not report. */
async function untilGone(directory: string): Promise<void> {
  while (existsSync(directory)) await new Promise((resolve) => setTimeout(resolve, 20))
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('it did not reject'),
    (error: unknown) => error,
  )
}
