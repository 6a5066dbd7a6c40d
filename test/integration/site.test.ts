import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import type { Machine } from '../../src/sandbox/index.ts'
import { failuresOf, hostwright, insteadOf, runJson, type JsonRun } from './command.ts'
import { changesSince, stateOf } from './fingerprint.ts'
import { machine, ssh } from './machine.ts'
import { changedTasks, fetchFrom, greeting, siteHost, sitePlaybook } from './site.ts'

/** A password that is long enough to be found in any output, and odd enough to break wrong quoting. */
const password = `pa'ss"wo\\rd $(id) \`id\` -%20 ü${process.pid}`

/** Returns the events of a run without the parts that may differ between two runs: times, and the first tries of wait_for. */
function essence(run: JsonRun): string[] {
  return run.events.map((event) => {
    const waits = event.event === 'task' && event.module === 'wait_for'
    return JSON.stringify({ ...event, seconds: undefined, ...(waits ? { changes: undefined } : {}) })
  })
}

/** Returns the events of only one of two runs, or in another order; much shorter than both. */
function differences(one: readonly string[], other: readonly string[]): (string | undefined)[][] {
  const length = Math.max(one.length, other.length)
  const pairs = Array.from({ length }, (_, index) => [one[index], other[index]])
  return pairs.filter(([here, there]) => here !== there)
}

function statuses(run: JsonRun): Map<string, string> {
  return new Map(run.tasks.map((task) => [`${task.file}:${task.line}`, task.status]))
}

for (const release of ['bookworm', 'trixie'] as const) {
  describe(`site.yml on ${release}`, () => {
    const target = machine({ release, name: `site-${release}` })
    const outputs: string[] = []
    let folder: string
    let dry: JsonRun
    let first: JsonRun

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'hostwright-site-'))
      await writeFile(
        join(folder, 'vars.yml'),
        `app_database_password: !secret ${JSON.stringify(password)}\n`,
      )
    })
    after(() => rm(folder, { recursive: true, force: true }))

    const run = (...argv: string[]) => runOn(target, ...argv)

    async function runOn(machine: Machine, ...argv: string[]): Promise<JsonRun> {
      const variables = ['-e', `@${join(folder, 'vars.yml')}`]
      const result = await runJson([sitePlaybook, ...insteadOf(machine), ...variables, ...argv])
      outputs.push(result.stdout, result.stderr)
      return result
    }

    it('performs a dry run on the bare machine without a failure and without writing anything', async () => {
      const before = await stateOf(target)
      dry = await run('--check', '--diff')
      expect(failuresOf(dry)).to.deep.equal([])
      expect(dry.code).to.equal(0)
      expect(await changesSince(before, target)).to.deep.equal([])
      // a task that may write anything would make all later ones unknown
      const undecided = dry.tasks.filter(({ status }) => status === 'unknown')
      expect(undecided).to.have.length.below(dry.tasks.length * 0.4)
    })

    it('makes the bare machine serve the page, and shows the password in no process list', async () => {
      const watch = watchProcesses(target)
      first = await run('--diff')
      expect(failuresOf(first)).to.deep.equal([])
      expect(first.code).to.equal(0)
      const seen = await watch.stop()
      expect(seen).to.include('apt-get')
      expect(seen).not.to.include(password)
      // the end of the password, which no quoting changes
      expect(seen).not.to.include(`ü${process.pid}`)

      const done = statuses(first)
      for (const task of dry.tasks.filter(
        ({ status, handler }) => status !== 'unknown' && handler !== true,
      )) {
        expect([task.task, done.get(`${task.file}:${task.line}`)]).to.deep.equal([task.task, task.status])
      }
      expect(await fetchFrom(target)).to.include(greeting)
    })

    if (release === 'bookworm')
      describe('without look-ahead', () => {
        const another = machine({ release, name: `site-${release}-again` })

        it('reports the same for another bare machine', async () => {
          const sequential = await runOn(another, '--diff', '--no-lookahead')
          expect(failuresOf(sequential)).to.deep.equal([])
          // the machines differ only in their initial names
          const renamed = essence(sequential).map((event) => event.replaceAll(another.name, target.name))
          expect(differences(essence(first), renamed)).to.deep.equal([])
        })
      })

    it('changes nothing the second time', async () => {
      const before = await stateOf(target)
      const second = await run()
      expect(changedTasks(second)).to.deep.equal([])
      expect(second.recap.hosts[siteHost]).to.include({ changed: 0, failed: 0, unreachable: 0 })
      expect(await changesSince(before, target)).to.deep.equal([])
    })

    it('reports the same with and without look-ahead', async () => {
      expect(differences(essence(await run()), essence(await run('--no-lookahead')))).to.deep.equal([])
    })

    describe('after a drift', () => {
      before(async () => {
        const { code, stderr } = await ssh(
          target,
          `set -e
          echo '# drift' >>/etc/nginx/nginx.conf
          systemctl stop 'foobar-php@*'
          mariadb -e "REVOKE INSERT ON foobar.* FROM 'foobar'@'localhost'"
          DEBIAN_FRONTEND=noninteractive apt-get -qq remove -y logrotate >/dev/null`,
          { user: 'root' },
        )
        expect(stderr.replaceAll(/^debconf:.*\n/gm, '')).to.equal('')
        expect(code).to.equal(0)
      })

      const drifted = [
        'Install common packages',
        'Start PHP-FPM of the live release',
        'Write the Nginx configuration',
        'Create the database users',
      ]

      it('detects a drift in a dry run and leaves it unchanged, with and without look-ahead', async () => {
        const before = await stateOf(target)
        const found = await run('--check', '--diff')
        const unknown = found.tasks
          .filter(({ status }) => status === 'unknown')
          .map(({ task, msg }) => `${task}: ${msg}`)
        expect(unknown.filter((text) => drifted.some((task) => text.startsWith(task)))).to.deep.equal([])
        expect(changedTasks(found)).to.include.members(drifted)
        expect(failuresOf(found)).to.deep.equal([])
        expect(JSON.stringify(found.tasks)).to.include('# drift')
        const sequential = await run('--check', '--diff', '--no-lookahead')
        expect(differences(essence(found), essence(sequential))).to.deep.equal([])
        expect(await changesSince(before, target)).to.deep.equal([])
      })

      it('repairs the drift', async () => {
        const mended = await run()
        expect(failuresOf(mended)).to.deep.equal([])
        expect(changedTasks(mended)).to.include.members(drifted)
        expect(await fetchFrom(target)).to.include(greeting)
        expect(changedTasks(await run())).to.deep.equal([])
      })
    })

    const broken = {
      Nginx: 'nginx_worker_processes="nonsense;"',
      'PHP-FPM': 'php_fpm_max_children=nonsense',
      'the database server': '{"mysql_settings": {"no_such_option": 1}}',
    }
    for (const [service, variable] of Object.entries(broken))
      it(`never replaces a working configuration of ${service} with a broken one`, async () => {
        const before = await stateOf(target)
        const refused = await run('-e', variable)
        expect(refused.code).to.equal(1)
        expect(failuresOf(refused).join()).to.include(': validation failed')
        expect(await changesSince(before, target)).to.deep.equal([])
        expect(await fetchFrom(target)).to.include(greeting)
      })

    describe('after all of that', () => {
      it('shows neither the old nor the new password of a change', async () => {
        const next = 'the next password'
        const variables = join(folder, 'next.yml')
        await writeFile(variables, `app_database_password: !secret ${next}\n`)
        const loud = ['--check', '--diff', '--show-commands', '-v', '-e', `@${variables}`]
        const { stdout, stderr } = await hostwright(['run', sitePlaybook, ...insteadOf(target), ...loud])
        expect(stdout).to.match(/^ {2}changed .* Write the sample page's private configuration/m)
        expect(stdout + stderr).not.to.include(next)
        outputs.push(stdout, stderr)
      })

      it('prints the password nowhere', () => {
        const all = outputs.join('\n')
        expect(all).to.include('‹secret›')
        for (const spelling of [
          password,
          JSON.stringify(password).slice(1, -1),
          encodeURIComponent(password),
        ]) {
          expect(all).not.to.include(spelling)
        }
        expect(all).not.to.include(Buffer.from(password).toString('base64').slice(0, 30))
      })
    })
  })
}

/** Collects the command lines of all processes of the machine, as fast as a shell can. */
function watchProcesses(target: Machine): { stop(): Promise<string> } {
  const collecting = ssh(
    target,
    `rm -f /tmp/stop-watching
    while [ ! -e /tmp/stop-watching ]; do
      for file in /proc/[0-9]*/cmdline /proc/[0-9]*/environ; do tr '\\0' ' ' <"$file" 2>/dev/null; echo; done
      sleep 0.02
    done | sort -u`,
    { user: 'root' },
  )
  return {
    async stop() {
      await ssh(target, 'touch /tmp/stop-watching', { user: 'root' })
      return (await collecting).stdout
    },
  }
}
