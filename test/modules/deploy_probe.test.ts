import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'

import type { TaskFailure } from '../../src/errors.ts'
import { deployProbe } from '../../src/modules/deploy_probe.ts'
import { everythingNasty, nastyLine } from '../nasty-text.ts'
import { scratchFolder } from './application.ts'
import { asRoot, converge, plan, run, shells, type Circumstances, type Shell } from './harness.ts'
import { webServer } from './web-server.ts'

const nobody = 65534

/** A script that replaces a file by a symlink and back as fast as possible. */
const flip = 'cd "${1%/*}" && while :; do echo a >a && mv -f a php.log; ln -s "$2" b && mv -f b php.log; done'

describe('module deploy_probe', () => {
  const scratch = scratchFolder()
  const server = webServer()

  for (const shell of shells)
    describe(`under ${shell}`, () => {
      const probe = (requests: readonly object[], given: object = {}) =>
        converge(deployProbe, { url: server.address, requests, ...given }, { shell })
      const problem = (requests: readonly object[], given: object = {}) =>
        problemOf({ url: server.address, requests, timeout: 0, ...given }, shell)

      it('requests the site by its name until all responses are as expected, several times in a row', async () => {
        const path = sequence(shell, 200)
        const { changes, outputs } = await probe(
          [
            { path, contains: 'turn' },
            { path: "/a?b=it's&c[]=%20", contains: '"host":"www.example.org"' },
          ],
          { host: 'www.example.org' },
        )
        expect(changes.map(({ field, transient }) => [field, transient])).to.deep.equal([
          [path, true],
          ["/a?b=it's&c[]=%20", true],
        ])
        expect(outputs).to.deep.equal([{ code: 0, stdout: '', stderr: '' }])
        expect(await asked(path)).to.equal(3)
      })

      it('restarts its count after one unexpected response', async () => {
        const path = sequence(shell, 200, 200, 500, 200, 200, 503, 200)
        await probe([{ path }], { times: 3 })
        expect(await asked(path)).to.equal(9)
      })

      it('accepts the given status codes', async () => {
        await probe(
          [
            { path: '/?status=404', status: [200, 404] },
            { path: '/redirect', status: 302 },
          ],
          { times: 1 },
        )
      })

      it('checks which release responds', async () => {
        await probe([{ path: '/?release=20260101T000000Z-abc1234' }], {
          release: '20260101T000000Z-abc1234',
          times: 1,
        })
        expect(problem([{ path: '/?release=b' }], { release: 'a' })).to.contain(
          "/?release=b: the response comes from release 'b', not 'a'",
        )
        expect(problem([{ path: '/' }], { release: 'a' })).to.contain("comes from release '', not 'a'")
      })

      it('reports the problem and the last response', () => {
        expect(problem([{ path: '/?status=500' }])).to.match(
          /^http:\/\/127\.0\.0\.1:\d+ did not respond as expected within 0 seconds: \/\?status=500: status 500, not 200\nthe last response:\n{"method":"GET",/,
        )
        expect(problem([{ path: '/' }, { path: '/echo', contains: "it's $(here)" }])).to.contain(
          "/echo: the response does not contain 'it's $(here)'",
        )
        expect(problem([{ path: '/never' }], { request_timeout: 1 })).to.match(
          /\/never: curl: \(28\) .*timed out/,
        )
        expect(problem([{ path: '/' }], { url: 'http://127.0.0.1:9' })).to.match(/\/: curl: \(7\) /)
      })

      it('aborts an endless response, and keeps only its beginning', () => {
        expect(problem([{ path: '/endless' }])).to.match(
          /: \/endless: the response is longer than 16777216 bytes\nthe last response:\nx{65536}$/,
        )
      })

      it('searches for a literal string, whatever its characters mean to a shell', async () => {
        const finds = async (text: string): Promise<void> => {
          const path = `/say?text=${encodeURIComponent(`a${text}z`)}`
          await probe([{ path, contains: `${text}z` }], { times: 1 })
          expect(problem([{ path, contains: `${text}y` }])).to.contain(`does not contain '${text}y'`)
        }
        await finds(everythingNasty)
        await fc.assert(fc.asyncProperty(nastyLine, finds), { numRuns: 3 })
      })

      it('gives up if there are too few expected responses', () => {
        expect(problem([{ path: '/' }], { times: 1000 })).to.contain(
          'it responded as expected only 1 of 1000 times',
        )
      })

      it('shows the lines that were added to the logs', () => {
        const log = join(scratch.path, "it's a log")
        const lines = Array.from({ length: 50 }, (_, index) => `line ${index} of it`)
        writeFileSync(log, 'an old line\n')
        const asked = new URLSearchParams({ status: '500', file: log, text: `${lines.join('\n')}\n` })
        const path = `/log?${asked.toString()}`
        const logs = [`${log} that is not there`, log]
        const given = {
          url: server.address,
          requests: [{ path }],
          timeout: 0,
          units: ['php@blue'],
          logs,
          logs_user: userInfo().username,
        }
        const told = problemOf(given, shell, { programs: fakeJournal() })
        expect(told).to.contain('the last lines of the journal of php@blue:\n--unit=php@blue\n')
        expect(told?.split('the last lines of /')[1]).to.equal(
          `${log.slice(1)}:\n${lines.slice(10).join('\n')}`,
        )
        expect(problemOf({ ...given, requests: [{ path: '/?status=500' }] }, shell)).not.to.contain(log)
      })

      describe('for an application that controls the path of its log', () => {
        let log: string
        let secret: string
        beforeEach(() => {
          const folder = join(scratch.path, 'log')
          mkdirSync(folder)
          chmodSync(scratch.path, 0o755)
          chownSync(folder, nobody, nobody)
          log = join(folder, 'php.log')
          secret = join(scratch.path, 'shadow')
          writeFileSync(secret, 'root:secret\n', { mode: 0o600 })
        })
        const told = (path = '/?status=500') => {
          const logs = { logs: [log], logs_user: 'nobody' }
          return problemOf({ url: server.address, requests: [{ path }], timeout: 0, ...logs }, shell) ?? ''
        }

        asRoot('reads the log as the user of the application', () => {
          writeFileSync(log, 'old\n', { mode: 0o600 })
          chownSync(log, nobody, nobody)
          const asked = new URLSearchParams({ status: '500', file: log, text: 'new line\n' })
          expect(told(`/log?${asked.toString()}`)).to.match(/the last lines of .*php\.log:\nnew line$/)
        })

        asRoot('does not follow a symlink in place of the log', () => {
          symlinkSync(secret, log)
          expect(told())
            .to.match(/\(it is not a regular file\)$/)
            .and.not.contain('secret')
        })

        asRoot('shows nothing of a hard-linked file that the user of the application cannot read', () => {
          linkSync(secret, log)
          expect(told())
            .to.match(/\(it cannot be read\)$/)
            .and.not.contain('secret')
        })

        asRoot('shows nothing of the target of a symlink in 200 rounds of a race', function () {
          if (shell !== 'dash') this.skip()
          this.timeout(300_000)
          const race = spawn('runuser', ['-u', 'nobody', '--', 'sh', '-c', flip, 'sh', log, secret], {
            stdio: 'ignore',
            detached: true,
          })
          try {
            const texts = Array.from({ length: 200 }, () => told())
            expect(texts.filter((text) => text.includes('secret'))).to.deep.equal([])
          } finally {
            process.kill(-race.pid!)
          }
        })

        asRoot('does not wait for a named pipe in place of the log', () => {
          execFileSync('mkfifo', ['-m', '0666', log])
          expect(told()).to.match(/\(it is not a regular file\)$/)
        })

        asRoot('does not read a device or a directory in place of the log', () => {
          for (const make of [
            ['mknod', log, 'c', '1', '5'],
            ['mkdir', log],
          ]) {
            execFileSync(make[0]!, make.slice(1))
            expect(told()).to.match(/\(it is not a regular file\)$/)
            rmSync(log, { recursive: true })
          }
        })

        asRoot('reads only the end of a huge log', () => {
          writeFileSync(log, '', { mode: 0o600 })
          chownSync(log, nobody, nobody)
          const asked = new URLSearchParams({
            status: '500',
            file: log,
            grow: 'yes',
            text: `${'x'.repeat(1000)}\nthe end\n`,
          })
          const text = told(`/log?${asked.toString()}`)
          expect(text).to.match(/the end$/)
          expect(text.length).to.be.below(100_000)
        })
      })

      it('shows the journal of a unit since its start', () => {
        const programs = fakeJournal()
        writeFileSync(join(programs, 'systemctl'), '#!/bin/sh\necho abc\n', { mode: 0o755 })
        const given = {
          url: server.address,
          requests: [{ path: '/?status=500' }],
          timeout: 0,
          units: ['php@blue'],
        }
        expect(problemOf(given, shell, { programs })).to.contain(
          'of php@blue:\n_SYSTEMD_INVOCATION_ID=abc + INVOCATION_ID=abc',
        )
      })
    })

  it('only observes', () => {
    expect(deployProbe.observes).to.equal(true)
  })

  it('has a time limit that is long enough for all responses', () => {
    const given = { url: server.address, requests: [{ path: '/a' }, { path: '/b' }] }
    const [step] = plan(deployProbe, { ...given, timeout: 100, request_timeout: 50 }).steps
    expect(step?.timeLimit).to.be.at.least(200)
  })

  for (const [given, says] of [
    [{ url: 'http://a/b' }, 'without a path'],
    [{ url: 'http://a\nb' }, 'without a path'],
    [{ url: 'ftp://a' }, 'expected e.g. http'],
    [{ requests: [] }, 'needs at least one'],
    [{ requests: [{ path: 'a' }] }, 'must begin with /'],
    [{ requests: [{ path: '/a\noutput = /etc/passwd' }] }, 'must begin with / and contain no spaces'],
    [{ requests: [{ path: '/', contains: 'a\nb' }] }, 'must be one line'],
    [{ requests: [{ path: '/', contains: '' }] }, 'must not be empty'],
    [{ host: 'a\r\nX: b' }, 'must be one line'],
    [{ times: 0 }, 'must be at least 1'],
    [{ logs: ['/a'] }, 'is required with logs: the user that writes them'],
  ] as const)
    it(`rejects ${JSON.stringify(given)}`, () => {
      const { error } = deployProbe.params.safeParse({ url: 'http://a', requests: [{ path: '/' }], ...given })
      expect(error?.message).to.contain(says)
    })

  function problemOf(given: object, shell: Shell, circumstances: Circumstances = {}): string | undefined {
    const { params, steps } = plan(deployProbe, given)
    const outcome = run(steps[0]!.script, shell, circumstances)
    const failure: TaskFailure | undefined = deployProbe.explain?.(outcome, params)
    return failure?.message
  }

  async function asked(path: string): Promise<number> {
    const response = await fetch(`${server.address}${path.replace('/sequence', '/asked')}`)
    return Number(await response.text())
  }

  /** Creates a directory with a journalctl that prints its arguments, and a systemctl that fails. */
  function fakeJournal(): string {
    const programs = join(scratch.path, 'programs')
    mkdirSync(programs)
    const journalctl =
      '#!/bin/sh\nwhile :; do case $1 in --output=cat) shift; break ;; *) shift ;; esac; done\necho "$@"\n'
    writeFileSync(join(programs, 'journalctl'), journalctl, { mode: 0o755 })
    writeFileSync(join(programs, 'systemctl'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
    return programs
  }
})

/** Returns a path whose responses have these statuses, one after the other, with a separate count for each shell. */
function sequence(by: string, ...statuses: readonly number[]): string {
  return `/sequence?statuses=${statuses.join(',')}&by=${by}`
}
