import { once } from 'node:events'
import { readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'

import { readSigningKeys } from '../../../src/deploy/repository/signing-keys.ts'
import type { TaggedCommit } from '../../../src/deploy/watch/poll.ts'
import { type WatchOptions, watch } from '../../../src/deploy/watch/watch.ts'
import { ExitCode, UserError } from '../../../src/errors.ts'
import { CodeBase, failureOf, withoutGitConfiguration } from '../code-base.ts'
import { makeSshKey, signTag } from '../repository/ssh-key.ts'
import { Spoken } from './spoken.ts'

describe('a watch for tags', () => {
  let codeBase: CodeBase
  let spoken: Spoken
  let deployed: TaggedCommit[]
  /** The exit codes of the deploys that do not end with `done`, by tag. */
  let ends: Map<string, ExitCode>
  withoutGitConfiguration()
  beforeEach(async () => {
    codeBase = await CodeBase.make()
    spoken = new Spoken()
    deployed = []
    ends = new Map()
  })
  afterEach(async () => {
    await codeBase.remove()
  })

  const deploy = (commit: TaggedCommit): Promise<ExitCode> => {
    deployed.push(commit)
    return Promise.resolve(ends.get(commit.tag) ?? ExitCode.done)
  }

  const never = new AbortController().signal

  const options = (more: Partial<WatchOptions> = {}): WatchOptions => ({
    location: codeBase.location,
    patterns: ['v*'],
    folder: codeBase.folder,
    intervalSeconds: 0.01,
    deploy,
    say: spoken.say,
    stop: never,
    abort: never,
    ...more,
  })

  const poll = (more: Partial<WatchOptions> = {}): Promise<ExitCode> => {
    spoken.lines.length = 0
    deployed.length = 0
    return watch(options({ once: true, ...more }))
  }

  const tagsDeployed = (): string[] => deployed.map(({ tag }) => tag)

  describe('that is new', () => {
    it('remembers existing tags and does not deploy them', async () => {
      await codeBase.release('v1.9')
      await codeBase.release('v1.10')
      await codeBase.release('other')
      expect(await poll()).to.equal(ExitCode.done)
      expect(deployed).to.deep.equal([])
      expect(spoken.lines).to.deep.equal([
        `${codeBase.checkout} has 2 matching tags, the newest is v1.10; existing tags are not deployed`,
      ])
      await poll()
      expect(deployed).to.deep.equal([])
      expect(spoken.lines).to.deep.equal([])
    })

    it('deploys the newest tag on request', async () => {
      const sha = await codeBase.release('v1.10')
      await codeBase.release('v1.9')
      await poll({ deployNewest: true })
      expect(deployed).to.deep.equal([{ tag: 'v1.10', sha }])
      await poll({ deployNewest: true })
      expect(deployed).to.deep.equal([])
    })

    it('reports that there is no tag yet, and deploys the first', async () => {
      await codeBase.commit()
      await poll()
      expect(spoken.lines).to.deep.equal([`${codeBase.checkout} has no tag that matches v* yet`])
      await codeBase.release('v1')
      await poll()
      expect(tagsDeployed()).to.deep.equal(['v1'])
    })
  })

  describe('that has polled before', () => {
    beforeEach(async () => {
      await codeBase.commit()
      await poll()
    })

    it('deploys new tags once, in version order', async () => {
      const shas = new Map<string, string>()
      for (const tag of ['v1.10', 'v1.9', 'v1.10-rc1', 'beta']) shas.set(tag, await codeBase.release(tag))
      await poll()
      const inOrder = ['v1.9', 'v1.10-rc1', 'v1.10']
      expect(deployed).to.deep.equal(inOrder.map((tag) => ({ tag, sha: shas.get(tag) })))
      expect(spoken.lines.at(-1)).to.equal('v1.10: done')
      await poll()
      expect(deployed).to.deep.equal([])
    })

    it('does not deploy an old tag that matches a new pattern', async () => {
      await codeBase.release('beta')
      await poll()
      await poll({ patterns: ['*'] })
      expect(deployed).to.deep.equal([])
    })

    it('deploys a tag named like a property of objects', async () => {
      await codeBase.release('__proto__')
      await poll({ patterns: ['*'] })
      expect(tagsDeployed()).to.deep.equal(['__proto__'])
      await poll({ patterns: ['*'] })
      expect(deployed).to.deep.equal([])
    })

    it('does not deploy a tag that moved after it was deployed, and reports each move once', async () => {
      const before = await codeBase.release('v1')
      await poll()
      for (let moves = 0; moves < 2; moves += 1) {
        const after = await codeBase.release('v1')
        await poll()
        expect(deployed).to.deep.equal([])
        expect(spoken.lines).to.deep.equal([
          `MOVED: v1 pointed to ${before.slice(0, 7)} when it was deployed and now points to ` +
            `${after.slice(0, 7)}, which is not deployed: create a new tag for it`,
        ])
        await poll()
        expect([deployed, spoken.lines]).to.deep.equal([[], []])
      }
    })

    it('does not retry a failed deploy until its tag changes', async () => {
      await codeBase.release('v1')
      ends.set('v1', ExitCode.rolledBack)
      expect(await poll()).to.equal(ExitCode.rolledBack)
      expect(spoken.lines.at(-1)).to.equal(
        'v1: the deploy failed and was rolled back; not retried until the tag changes',
      )
      expect(await poll()).to.equal(ExitCode.done)
      expect(deployed).to.deep.equal([])
      const sha = await codeBase.release('v1')
      ends.clear()
      await poll()
      expect(deployed).to.deep.equal([{ tag: 'v1', sha }])
    })

    for (const [what, end] of [
      ['found the lock taken', ExitCode.locked],
      ['did not reach a host', ExitCode.unreachable],
    ] as const)
      it(`retries a deploy that ${what}, before later tags`, async () => {
        await codeBase.release('v1')
        await codeBase.release('v2')
        ends.set('v1', end)
        expect(await poll()).to.equal(end)
        expect(tagsDeployed()).to.deep.equal(['v1'])
        expect(spoken.lines.at(-1)).to.contain('retrying at the next poll')
        ends.clear()
        expect(await poll()).to.equal(ExitCode.done)
        expect(tagsDeployed()).to.deep.equal(['v1', 'v2'])
      })

    it('continues with the next tag after a failed one', async () => {
      await codeBase.release('v1')
      await codeBase.release('v2')
      const failing = (commit: TaggedCommit): Promise<ExitCode> =>
        commit.tag === 'v1' ? Promise.reject(new UserError('no such playbook')) : deploy(commit)
      expect(await poll({ deploy: failing })).to.equal(ExitCode.failed)
      expect(spoken.lines).to.include('v1: no such playbook')
      expect(tagsDeployed()).to.deep.equal(['v2'])
    })

    it('does nothing while another watch uses its state file', async () => {
      await codeBase.release('v1')
      const inner: Promise<Error>[] = []
      await poll({
        deploy: async (commit) => {
          const other = failureOf(watch(options({ once: true })))
          inner.push(other)
          await other
          return deploy(commit)
        },
      })
      const failure = (await inner[0]) as UserError
      expect(failure.message).to.contain('another watch of')
      expect(failure.exitCode).to.equal(ExitCode.locked)
      expect(tagsDeployed()).to.deep.equal(['v1'])
    })
  })

  describe('with keys', () => {
    it('deploys tags that are signed with a trusted key, and reports why it skips the others', async () => {
      const key = await makeSshKey(codeBase, 'ada@example.com')
      const keys = await readSigningKeys(key.allowedSigners)
      await codeBase.commit()
      await poll({ keys })
      await codeBase.release('v1')
      const sha = await codeBase.commit()
      await signTag(codeBase, 'v2', key)
      expect(await poll({ keys })).to.equal(ExitCode.failed)
      expect(deployed).to.deep.equal([{ tag: 'v2', sha }])
      expect(spoken.lines).to.include(
        "v1: not deployed, and skipped until the tag changes: tag 'v1' is not signed",
      )
      expect(await poll({ keys })).to.equal(ExitCode.done)
      expect([deployed, spoken.lines]).to.deep.equal([[], []])
      await codeBase.git('checkout', '--quiet', 'v1^{commit}')
      const signed = await codeBase.commit()
      await signTag(codeBase, 'v1', key)
      await poll({ keys })
      expect(deployed).to.deep.equal([{ tag: 'v1', sha: signed }])
    })
  })

  describe('that polls until it is stopped', () => {
    it('reports once that the repository is unreachable, and that it is reachable again', async () => {
      await codeBase.commit()
      const stop = new AbortController()
      const end = watch(options({ stop: stop.signal }))
      await spoken.until(/has no tag that matches v\* yet/)
      await rename(codeBase.checkout, `${codeBase.checkout}.away`)
      await spoken.until(/^poll failed; retrying every 0.01 s\ngit ls-remote .*: exit code 128/)
      await rename(`${codeBase.checkout}.away`, codeBase.checkout)
      await spoken.until(/is reachable again$/)
      await codeBase.release('v1')
      await spoken.until(/^v1: done$/)
      stop.abort()
      expect(await end).to.equal(ExitCode.done)
      expect(spoken.lines.filter((line) => line.startsWith('poll failed'))).to.have.length(1)
      expect(spoken.lines.at(-1)).to.equal(`stopped watching ${codeBase.checkout}`)
    })

    it('lets the current deploy finish when it is stopped, and starts no other', async () => {
      await codeBase.commit()
      await poll()
      await codeBase.release('v1')
      await codeBase.release('v2')
      const stop = new AbortController()
      const end = watch(
        options({
          stop: stop.signal,
          deploy: (commit, abort) => {
            stop.abort()
            expect(abort.aborted).to.equal(false)
            return deploy(commit)
          },
        }),
      )
      expect(await end).to.equal(ExitCode.done)
      expect(tagsDeployed()).to.deep.equal(['v1'])
      await poll()
      expect(tagsDeployed()).to.deep.equal(['v2'])
    })

    it('aborts the deploy at the second signal, and retries it after a restart', async () => {
      await codeBase.commit()
      await poll()
      await codeBase.release('v1')
      const [stop, abort] = [new AbortController(), new AbortController()]
      const end = watch(
        options({
          stop: stop.signal,
          abort: abort.signal,
          deploy: async (_, signal) => {
            const aborted = once(signal, 'abort')
            stop.abort()
            abort.abort()
            await aborted
            return ExitCode.interrupted
          },
        }),
      )
      expect(await end).to.equal(ExitCode.done)
      await poll()
      expect(tagsDeployed()).to.deep.equal(['v1'])
    })
  })

  describe('with a state file', () => {
    it('rejects an invalid state file and that of another repository', async () => {
      await codeBase.release('v1')
      const stateFile = join(codeBase.folder, 'seen.json')
      await poll({ stateFile })
      expect((await stat(stateFile)).mode & 0o777).to.equal(0o600)
      const content = JSON.parse(await readFile(stateFile, 'utf8')) as { url: string; tags: unknown }
      expect(content.url).to.equal(codeBase.checkout)
      expect(content.tags).to.have.nested.property('[0][0]', 'v1')
      expect(content.tags).to.have.nested.property('[0][1].outcome', 'seen')
      await writeFile(stateFile, JSON.stringify({ ...content, url: '/elsewhere' }))
      expect((await failureOf(poll({ stateFile }))).message).to.contain(
        'state of the watch of /elsewhere, not of',
      )
      await writeFile(stateFile, '{"url":')
      const broken = await failureOf(poll({ stateFile }))
      expect(broken.message).to.contain('invalid state file of a watch')
      expect(broken.hint).to.contain('remove it to start over')
    })
  })
})
