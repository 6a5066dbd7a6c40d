import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, readdir } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { expect } from 'chai'

import { makeSshKey, signTag } from '../deploy/repository/ssh-key.ts'
import { Spoken } from '../deploy/watch/spoken.ts'
import { Application } from './application.ts'
import { hostwright, start, type StartedCommand } from './command.ts'
import { convergedSite, siteArguments } from './converged-site.ts'
import { machine } from './machine.ts'
import { fetchFrom, siteHost } from './site.ts'
import { Workplace } from './workplace.ts'

describe('a pushed tag', () => {
  const target = machine({ name: 'tags', from: () => convergedSite('bookworm') })
  let application: Application
  let workplace: Workplace

  before('a code base, and a folder to deploy it from', async () => {
    application = await Application.create()
    workplace = await Workplace.create()
  })
  after(async () => {
    await application.remove()
    await workplace.remove()
  })

  describe('to a repository with the hook', () => {
    before('the hook is installed', async () => {
      await bareRepository('hooked')
      const { code, stdout, stderr } = await hostwright(
        ['hook', 'install', '--repo', 'hooked.git', '--tags', 'v*', '--', ...deployOptions()],
        { cwd: workplace.folder },
      )
      expect(stderr).to.equal('')
      expect(stdout).to.equal(
        `${workplace.path('hooked.git')}/hooks/post-receive: installed, deploys tags that match v*\n`,
      )
      expect(code).to.equal(0)
    })

    it('goes live, and the pusher sees the result', async () => {
      await application.release('v1')
      const said = await push('hooked', 'main', 'v1')
      expect(said.at(-1), said.join('\n')).to.equal('done: v1')
      expect(said.join('\n')).to.match(/changed {5}www\.foobar\.com {2}Switch visitors to the release/)
      expect(await version()).to.equal('v1')
    })

    it('is ignored if it does not match or is deleted', async () => {
      await application.release('beta-2')
      expect(await push('hooked', 'beta-2')).to.deep.equal([])
      expect(await push('hooked', ':v1')).to.deep.equal([])
      expect(await deployed()).to.deep.equal(['v1'])
      expect(await version()).to.equal('v1')
    })

    it('is deployed after an earlier version that is pushed with it', async () => {
      await application.release('v1.10')
      await application.release('v1.9')
      expect(await push('hooked', 'v1.10', 'v1.9')).to.include('done: v1.9, v1.10')
      expect(await deployed()).to.deep.equal(['v1', 'v1.9', 'v1.10'])
      expect(await version()).to.equal('v1.10')
    })

    it('goes live even if Ctrl-C ends the push', async () => {
      await application.release('v1.11')
      const pusher = startPush('hooked', 'v1.11')
      await spokenBy(pusher).until(/deploying v1\.11; the deploy continues if you disconnect/)
      const gone = once(pusher, 'close')
      process.kill(-pusher.pid!, 'SIGINT')
      await gone
      expect(await workplace.endOf('v1.11')).to.equal(undefined)
      const { hosts } = await workplace.untilEndOf('v1.11')
      expect(hosts).to.deep.equal({ [siteHost]: 'switched' })
      expect(await version()).to.equal('v1.11')
      const logs = await readdir(workplace.path('.hostwright', 'logs'))
      const log = workplace.path('.hostwright', 'logs', logs.toSorted().at(-1)!)
      expect(await readFile(log, 'utf8')).to.match(/^deploying v1\.11\n[^]*RECAP/)
    })
  })

  describe('in a watched repository', () => {
    let watch: StartedCommand
    let spoken: Spoken
    let sign: (tag: string) => Promise<void>

    before('the watch has begun', async () => {
      const key = await makeSshKey({ root: workplace.folder }, 'ada@foobar.example')
      sign = (tag) => signTag(application, tag, key)
      await bareRepository('watched')
      await application.git('push', '--quiet', 'watched', 'main', '--tags')
      watch = start(
        [
          ...['watch', '--repo', 'watched.git', '--tags', 'v*', '--interval', '1'],
          ...['--keys', key.allowedSigners, '--', ...deployOptions()],
        ],
        { cwd: workplace.folder },
      )
      spoken = spokenBy(watch.process)
    })
    after('the watch has ended', async () => {
      watch.process.kill('SIGKILL')
      await watch.result
    })

    it('is remembered if it existed before the watch', async () => {
      await spoken.until(/has 4 matching tags, the newest is v1\.11; existing tags are not deployed/)
      expect(await deployed()).to.deep.equal(['v1', 'v1.9', 'v1.10', 'v1.11'])
    })

    it('is refused without a trusted signature', async () => {
      await application.release('v2')
      await push('watched', 'v2')
      await spoken.until(/v2: not deployed, .*: tag 'v2' is not signed: it is a lightweight tag/)
      expect(await deployed()).not.to.include('v2')
    })

    it('goes live if it is signed', async () => {
      await application.release('v2.1')
      await sign('v2.1')
      await push('watched', 'v2.1')
      await spoken.until(/^v2\.1: done$/)
      expect(await version()).to.equal('v2.1')
    })

    it('is reported and not deployed if it moves', async () => {
      const before = await application.git('rev-parse', '--short=7', 'HEAD')
      await application.release('unpublished')
      await sign('v2.1')
      await push('watched', '--force', 'v2.1')
      await spoken.until(new RegExp(`MOVED: v2\\.1 pointed to ${before.trim()} when it was deployed`))
      expect(await version()).to.equal('v2.1')
    })

    it('does not replace a later version that is live', async () => {
      await application.release('v2.0.5')
      await sign('v2.0.5')
      await push('watched', 'v2.0.5')
      await spoken.until(/^v2\.0\.5: done$/)
      await spoken.until(/v2\.0\.5 is older than v2\.1, which is live: nothing to do/)
      expect((await workplace.endOf('v2.0.5'))?.hosts).to.deep.equal({ [siteHost]: 'unchanged' })
      expect(await version()).to.equal('v2.1')
    })

    it('goes live even if Ctrl-C ends the watch', async () => {
      await application.release('v3')
      await sign('v3')
      await push('watched', 'v3')
      await spoken.until(/^v3: deploying/m)
      watch.process.kill('SIGINT')
      const { code, stderr } = await watch.result
      expect(stderr).to.match(
        /stopping after the current deploy[^]*^v3: done\nstopped watching .*watched\.git\n$/m,
      )
      expect(code).to.equal(0)
      expect(await version()).to.equal('v3')
    })
  })

  /** The options of every deploy of the hook and the watch. */
  function deployOptions(): string[] {
    const health = [{ path: '/classes', contains: 'version=' }]
    return [...siteArguments(target), '-e', JSON.stringify({ deploy_health: health })]
  }

  /** Creates a bare repository, which is a remote of the code base under this name. */
  async function bareRepository(name: string): Promise<void> {
    const folder = workplace.path(`${name}.git`)
    await application.git('init', '--quiet', '--bare', folder)
    await application.git('remote', 'add', name, folder)
  }

  /** Returns the output of the server for the pusher. */
  async function push(remote: string, ...refs: readonly string[]): Promise<string[]> {
    const pusher = startPush(remote, ...refs)
    const spoken = spokenBy(pusher)
    await once(pusher, 'close')
    return spoken.lines.flatMap((line) => /^remote: (.*?) *$/.exec(line)?.[1] ?? [])
  }

  /** Starts a push in its own process group, like a command in a terminal. */
  function startPush(remote: string, ...refs: readonly string[]): ChildProcess {
    return spawn('git', ['-C', application.repository, 'push', '--quiet', remote, ...refs], {
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
  }

  function spokenBy(command: ChildProcess): Spoken {
    const spoken = new Spoken()
    for (const input of [command.stdout, command.stderr])
      if (input !== null) createInterface({ input }).on('line', spoken.say)
    return spoken
  }

  /** Returns the version that visitors see. */
  async function version(): Promise<string | undefined> {
    return /^version=(.+);$/m.exec(await fetchFrom(target, '/classes'))?.[1]
  }

  /** Returns the tags of the started deploys, in order. */
  async function deployed(): Promise<string[]> {
    const entries = await workplace.journal()
    return entries.flatMap((entry) => ('reference' in entry ? [entry.reference.name] : []))
  }
})
