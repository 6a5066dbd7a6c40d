import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmod, chown, lchown, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, type Socket, createServer } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { $ } from 'zx'

import type { Reference } from '../../../src/deploy/reference.ts'
import { git } from '../../../src/deploy/repository/git.ts'
import { remoteTags } from '../../../src/deploy/repository/remote-tags.ts'
import { locateRepository } from '../../../src/deploy/repository/repository-location.ts'
import { openRepository, type Repository } from '../../../src/deploy/repository/repository.ts'
import { CodeBase, failureOf, withoutGitConfiguration } from '../code-base.ts'

describe('a repository to deploy from', () => {
  let codeBase: CodeBase
  withoutGitConfiguration()
  beforeEach(async () => {
    codeBase = await CodeBase.make()
  })
  afterEach(async () => {
    await codeBase.remove()
  })

  const opened = (say: (line: string) => void = () => undefined): Promise<Repository> =>
    openRepository(codeBase.location, { folder: codeBase.folder, say })
  const tag = (name: string): Reference => ({ kind: 'tag', name })
  const revision = (name: string): Reference => ({ kind: 'revision', name })

  it('resolves tags of both kinds and branches to commits', async () => {
    const first = await codeBase.release('v1')
    await codeBase.git('tag', 'light')
    await codeBase.git('tag', '-a', '-m', 'a tag of a tag', 'nested', 'v1')
    const second = await codeBase.commit()
    const repository = await opened()
    for (const name of ['v1', 'light', 'nested']) expect(await repository.resolve(tag(name))).to.equal(first)
    expect(await repository.resolve({ kind: 'branch', name: 'main' })).to.equal(second)
  })

  it('resolves hashes, also abbreviated ones that a branch is named like', async () => {
    const first = await codeBase.commit()
    await codeBase.commit()
    await codeBase.git('branch', first.slice(0, 7))
    const repository = await opened()
    expect(await repository.resolve(revision(first))).to.equal(first)
    expect(await repository.resolve(revision(first.slice(0, 7)))).to.equal(first)
  })

  it('does not guess which commit an ambiguous hash means', async () => {
    const [one, other] = draftsThatBeginAlike(await emptyTree())
    const prefix = one.sha.slice(0, 4)
    for (const { sha, text } of [one, other]) {
      const file = join(codeBase.root, sha)
      await writeFile(file, text)
      await codeBase.git('hash-object', '-t', 'commit', '-w', file)
      await codeBase.git('branch', sha, sha)
    }
    const failure = await failureOf((await opened()).resolve(revision(prefix)))
    expect(failure.message).to.equal(`2 commits begin with ${prefix}`)
    expect(failure.hint).to.match(
      /say more of its hash:\n\S+ 2026-01-02 Draft \d+\n\S+ 2026-01-02 Draft \d+$/,
    )
  })

  describe('in a folder that another user prepared', () => {
    const nobody = 65534

    it('does not use a mirror of theirs, whose hooks git would run', async function () {
      if (process.getuid?.() !== 0) this.skip()
      const kept = join(codeBase.folder, '.hostwright')
      const mirror = join(kept, 'mirrors', `${codeBase.location.id}.git`)
      await git(['init', '--quiet', '--bare', mirror])
      const hook = join(mirror, 'hooks', 'reference-transaction')
      await mkdir(join(mirror, 'hooks'), { recursive: true })
      await writeFile(hook, `#!/bin/sh\ntouch ${codeBase.root}/ran\n`, { mode: 0o755 })
      await codeBase.release('v1')
      for (const theirs of [codeBase.folder, kept, join(kept, 'mirrors'), mirror]) {
        await chown(theirs, nobody, nobody)
        const failure = await failureOf(opened())
        expect(failure.message).to.equal(`${theirs} is not used: it belongs to nobody`)
        expect(failure.hint).to.contain(`HOSTWRIGHT_TRUSTED_FOLDER=${codeBase.folder}`)
        await chown(theirs, 0, 0)
      }
      expect(await readdir(codeBase.root)).not.to.contain('ran')
    })

    it('follows no symlink of theirs', async function () {
      if (process.getuid?.() !== 0) this.skip()
      const kept = join(codeBase.folder, '.hostwright')
      await symlink(join(codeBase.root, 'elsewhere'), kept)
      await mkdir(join(codeBase.root, 'elsewhere'))
      await lchown(kept, nobody, nobody)
      expect((await failureOf(opened())).message).to.equal(`${kept} is not used: it belongs to nobody`)
      expect(await readdir(join(codeBase.root, 'elsewhere'))).to.deep.equal([])
    })

    it('works where the user declares to trust it', async function () {
      if (process.getuid?.() !== 0) this.skip()
      const sha = await codeBase.release('v1')
      await chown(codeBase.folder, nobody, nobody)
      process.env['HOSTWRIGHT_TRUSTED_FOLDER'] = codeBase.folder
      try {
        expect(await (await opened()).resolve(tag('v1'))).to.equal(sha)
      } finally {
        Reflect.deleteProperty(process.env, 'HOSTWRIGHT_TRUSTED_FOLDER')
      }
    })
  })

  it('says which names are near, and when the name is of the other kind', async () => {
    await codeBase.release('v1.2.3')
    await codeBase.release('v1.2.4')
    const repository = await opened()
    const unknown = await failureOf(repository.resolve(tag('v1.2.33')))
    expect(unknown.message).to.equal(`${codeBase.checkout} has no tag 'v1.2.33'`)
    expect(unknown.hint).to.equal('the nearest: v1.2.3, v1.2.4')
    expect((await failureOf(repository.resolve(tag('main')))).hint).to.equal(
      'there is a branch of this name: --branch main',
    )
    expect((await failureOf(repository.resolve(revision('0'.repeat(40))))).message).to.contain(
      'has no commit',
    )
  })

  it('does not take a tag of a file for a commit, nor a hash of one', async () => {
    await codeBase.commit()
    const tree = await emptyTree()
    await codeBase.git('tag', 'tree', tree)
    const repository = await opened()
    expect((await failureOf(repository.resolve(tag('tree')))).message).to.contain('is not a commit')
    expect((await failureOf(repository.resolve(revision(tree)))).message).to.contain('has no commit')
  })

  it('says once that it fetches the whole history, and sees later what moved and what is gone', async () => {
    await codeBase.release('v1')
    await codeBase.release('v2')
    const said: string[] = []
    await opened((line) => said.push(line))
    const moved = await codeBase.release('v1')
    await codeBase.git('tag', '--delete', 'v2')
    await codeBase.git('branch', 'topic/one')
    const repository = await opened((line) => said.push(line))
    expect(said).to.deep.equal([`fetching the history of ${codeBase.checkout}, once; later only what is new`])
    expect(await repository.resolve(tag('v1'))).to.equal(moved)
    expect((await failureOf(repository.resolve(tag('v2')))).message).to.contain("has no tag 'v2'")
    await codeBase.git('branch', '-m', 'topic/one', 'topic')
    expect(await (await opened()).resolve({ kind: 'branch', name: 'topic' })).to.equal(moved)
  })

  it('is fetched by many runs at the same time, while it changes', async () => {
    const shas = new Map<string, string>()
    for (const name of ['v1', 'v2', 'v3']) shas.set(name, await codeBase.release(name))
    const runs = [1, 2, 3, 4, 5].map(async (run) => {
      const repository = await opened()
      await codeBase.git('tag', '--force', `run-${run}`)
      await codeBase.git('update-ref', 'refs/heads/moving', shas.get(`v${(run % 3) + 1}`) ?? '')
      await opened()
      return repository.resolve(tag('v2'))
    })
    expect(await Promise.all(runs)).to.deep.equal(runs.map(() => shas.get('v2')))
    expect((await readdir(join(codeBase.folder, '.hostwright', 'mirrors'))).sort()).to.deep.equal([
      `${codeBase.location.id}.git`,
      `${codeBase.location.id}.git.lock`,
    ])
  })

  it('has a mirror that only this user can read, also where an earlier version left it open', async () => {
    await codeBase.release('v1')
    const { mirror } = await opened()
    const paths = ['.hostwright', '.hostwright/mirrors'].map((path) => join(codeBase.folder, path))
    const modesOf = () =>
      Promise.all([...paths, mirror, `${mirror}.lock`].map(async (path) => (await stat(path)).mode & 0o777))
    expect(await modesOf()).to.deep.equal([0o700, 0o700, 0o700, 0o600])
    for (const path of [...paths, mirror, `${mirror}.lock`]) await chmod(path, 0o755)
    await opened()
    expect(await modesOf()).to.deep.equal([0o700, 0o700, 0o700, 0o600])
  })

  it('may be a shallow clone', async () => {
    await codeBase.commit()
    const sha = await codeBase.release('v1')
    const shallow = join(codeBase.root, 'shallow')
    await git(['clone', '--quiet', '--depth=1', `file://${codeBase.checkout}`, shallow])
    const location = locateRepository(shallow, '/')
    const repository = await openRepository(location, { folder: codeBase.folder, say: () => undefined })
    expect(await repository.resolve({ kind: 'branch', name: 'main' })).to.equal(sha)
  })

  it('is another one than that of a surrounding hook', async () => {
    const sha = await codeBase.release('v1')
    const surrounding = {
      GIT_DIR: '/nowhere',
      GIT_INDEX_FILE: '/nowhere/index',
      GIT_QUARANTINE_PATH: '/nowhere',
    }
    Object.assign(process.env, surrounding)
    try {
      expect(await (await opened()).resolve(tag('v1'))).to.equal(sha)
    } finally {
      for (const name of Object.keys(surrounding)) Reflect.deleteProperty(process.env, name)
    }
  })

  it('shows what git was asked and said, without passwords', async () => {
    const missing = locateRepository('../nothing', codeBase.folder)
    const failure = await failureOf(
      openRepository(missing, { folder: codeBase.folder, say: () => undefined }),
    )
    expect(failure.message).to.match(/^git fetch .* ended with code 128:\nfatal: .*nothing' does not appear/)
    const refused = locateRepository('http://ci:hunter2@127.0.0.1:1/shop.git', '/')
    const { message } = await failureOf(remoteTags(refused))
    expect(message).to.contain('git ls-remote --tags -- http://127.0.0.1:1/shop.git ended with code 128')
    expect(message).to.not.contain('hunter2')
  })

  it('lists its tags without a mirror', async () => {
    const first = await codeBase.release('v1')
    await codeBase.git('tag', 'light/1')
    expect([...(await remoteTags(codeBase.location))]).to.deep.equal([
      ['light/1', first],
      ['v1', first],
    ])
    expect(await readdir(codeBase.folder)).to.deep.equal([])
  })

  it('gives up when it is asked to, and git with it', async () => {
    const reason = new Error('stopped')
    const controller = new AbortController()
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    const location = locateRepository(`git://127.0.0.1:${port}/shop.git`, '/')
    const failure = failureOf(remoteTags(location, controller.signal))
    const [socket] = (await once(silent, 'connection')) as [Socket]
    const closed = once(socket.resume(), 'close')
    controller.abort(reason)
    expect(await failure).to.equal(reason)
    await closed
    silent.close()
  })

  it('does not ask for a password', async () => {
    const server = createHttpServer((_, response) => {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="git"' }).end()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const failure = await failureOf(remoteTags(locateRepository(`http://127.0.0.1:${port}/shop.git`, '/')))
    expect(failure.message).to.contain('terminal prompts disabled')
    server.close()
  })

  it('lets ssh ask a program that answers nothing', async () => {
    const programs = join(codeBase.root, 'programs')
    await mkdir(programs)
    const ssh = '#!/bin/sh\necho "asks $SSH_ASKPASS by $SSH_ASKPASS_REQUIRE" >&2\nexit 255\n'
    await writeFile(join(programs, 'ssh'), ssh, { mode: 0o755 })
    const path = process.env['PATH'] ?? ''
    process.env['PATH'] = `${programs}:${path}`
    try {
      const failure = await failureOf(remoteTags(locateRepository('git@git.example.com:shop.git', '/')))
      expect(failure.message).to.contain('asks false by force')
    } finally {
      process.env['PATH'] = path
    }
  })

  async function emptyTree(): Promise<string> {
    return (await $({ quiet: true, cwd: codeBase.checkout })`git mktree </dev/null`).stdout.trim()
  }
})

interface Draft {
  readonly sha: string
  /** The commit as git stores it. */
  readonly text: string
}

/** Two commits whose hashes have the first four digits in common. */
function draftsThatBeginAlike(tree: string): [Draft, Draft] {
  const known = new Map<string, Draft>()
  for (let index = 0; ; index += 1) {
    const ada = 'Ada <ada@example.com> 1767323045 +0000'
    const text = `tree ${tree}\nauthor ${ada}\ncommitter ${ada}\n\nDraft ${index}\n`
    const sha = createHash('sha1').update(`commit ${text.length}\0${text}`).digest('hex')
    const before = known.get(sha.slice(0, 4))
    if (before !== undefined) return [before, { sha, text }]
    known.set(sha.slice(0, 4), { sha, text })
  }
}
