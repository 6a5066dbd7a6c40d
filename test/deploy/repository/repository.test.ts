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

  it('resolves an abbreviated hash even if a branch has the same name', async () => {
    const first = await codeBase.commit()
    await codeBase.commit()
    await codeBase.git('branch', first.slice(0, 7))
    const repository = await opened()
    expect(await repository.resolve(revision(first))).to.equal(first)
    expect(await repository.resolve(revision(first.slice(0, 7)))).to.equal(first)
  })

  it('rejects an ambiguous hash and lists the commits', async () => {
    const [one, other] = draftsThatBeginAlike(await emptyTree())
    const prefix = one.sha.slice(0, 4)
    for (const { sha, text } of [one, other]) {
      const file = join(codeBase.root, sha)
      await writeFile(file, text)
      await codeBase.git('hash-object', '-t', 'commit', '-w', file)
      await codeBase.git('branch', sha, sha)
    }
    const failure = await failureOf((await opened()).resolve(revision(prefix)))
    expect(failure.message).to.equal(`revision ${prefix} is ambiguous: 2 commits start with it`)
    expect(failure.hint).to.match(
      /give more digits of the hash:\n\S+ 2026-01-02 Draft \d+\n\S+ 2026-01-02 Draft \d+$/,
    )
  })

  describe('in a folder that another user prepared', () => {
    const nobody = 65534

    it('rejects a mirror of the other user, because git would run its hooks', async function () {
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
        expect(failure.message).to.equal(`${theirs}: not trusted: it belongs to the user nobody`)
        expect(failure.hint).to.contain(`HOSTWRIGHT_TRUSTED_FOLDER=${codeBase.folder}`)
        await chown(theirs, 0, 0)
      }
      expect(await readdir(codeBase.root)).not.to.contain('ran')
    })

    it('does not follow a symlink of the other user', async function () {
      if (process.getuid?.() !== 0) this.skip()
      const kept = join(codeBase.folder, '.hostwright')
      await symlink(join(codeBase.root, 'elsewhere'), kept)
      await mkdir(join(codeBase.root, 'elsewhere'))
      await lchown(kept, nobody, nobody)
      expect((await failureOf(opened())).message).to.equal(
        `${kept}: not trusted: it belongs to the user nobody`,
      )
      expect(await readdir(join(codeBase.root, 'elsewhere'))).to.deep.equal([])
    })

    it('uses the folder if the user declares it trusted', async function () {
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

  it('suggests similar names, or the option for a name of another kind', async () => {
    await codeBase.release('v1.2.3')
    await codeBase.release('v1.2.4')
    const repository = await opened()
    const unknown = await failureOf(repository.resolve(tag('v1.2.33')))
    expect(unknown.message).to.equal(`${codeBase.checkout} has no tag 'v1.2.33'`)
    expect(unknown.hint).to.equal('check the name; similar tags: v1.2.3, v1.2.4')
    expect((await failureOf(repository.resolve(tag('main')))).hint).to.equal(
      'use --branch main: a branch has this name',
    )
    expect((await failureOf(repository.resolve(revision('0'.repeat(40))))).message).to.contain(
      'has no commit',
    )
  })

  it('rejects a tag that points to a tree, and the hash of a tree', async () => {
    await codeBase.commit()
    const tree = await emptyTree()
    await codeBase.git('tag', 'tree', tree)
    const repository = await opened()
    expect((await failureOf(repository.resolve(tag('tree')))).message).to.contain(
      'does not point to a commit',
    )
    expect((await failureOf(repository.resolve(revision(tree)))).message).to.contain('has no commit')
  })

  it('reports the first fetch, and later finds moved and deleted tags', async () => {
    await codeBase.release('v1')
    await codeBase.release('v2')
    const said: string[] = []
    await opened((line) => said.push(line))
    const moved = await codeBase.release('v1')
    await codeBase.git('tag', '--delete', 'v2')
    await codeBase.git('branch', 'topic/one')
    const repository = await opened((line) => said.push(line))
    expect(said).to.deep.equal([
      `fetching the full history of ${codeBase.checkout}; later runs fetch only new commits`,
    ])
    expect(await repository.resolve(tag('v1'))).to.equal(moved)
    expect((await failureOf(repository.resolve(tag('v2')))).message).to.contain("has no tag 'v2'")
    await codeBase.git('branch', '-m', 'topic/one', 'topic')
    expect(await (await opened()).resolve({ kind: 'branch', name: 'topic' })).to.equal(moved)
  })

  it('fetches a changing repository in many runs at the same time', async () => {
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

  it('creates a mirror that only this user can read, even if an earlier version created it for all', async () => {
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

  it('fetches from a shallow clone', async () => {
    await codeBase.commit()
    const sha = await codeBase.release('v1')
    const shallow = join(codeBase.root, 'shallow')
    await git(['clone', '--quiet', '--depth=1', `file://${codeBase.checkout}`, shallow])
    const location = locateRepository(shallow, '/')
    const repository = await openRepository(location, { folder: codeBase.folder, say: () => undefined })
    expect(await repository.resolve({ kind: 'branch', name: 'main' })).to.equal(sha)
  })

  it('ignores the repository of a hook that runs hostwright', async () => {
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

  it('reports the command and the output of a git that failed, without passwords', async () => {
    const missing = locateRepository('../nothing', codeBase.folder)
    const failure = await failureOf(
      openRepository(missing, { folder: codeBase.folder, say: () => undefined }),
    )
    expect(failure.message).to.match(/^git fetch .*: exit code 128:\nfatal: .*nothing' does not appear/)
    const refused = locateRepository('http://ci:hunter2@127.0.0.1:1/shop.git', '/')
    const { message } = await failureOf(remoteTags(refused))
    expect(message).to.contain('git ls-remote --tags -- http://127.0.0.1:1/shop.git: exit code 128')
    expect(message).to.not.contain('hunter2')
  })

  it('lists the tags of a repository without a mirror', async () => {
    const first = await codeBase.release('v1')
    await codeBase.git('tag', 'light/1')
    expect([...(await remoteTags(codeBase.location))]).to.deep.equal([
      ['light/1', first],
      ['v1', first],
    ])
    expect(await readdir(codeBase.folder)).to.deep.equal([])
  })

  it('stops git when the signal aborts', async () => {
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

  it('does not prompt for a password', async () => {
    const server = createHttpServer((_, response) => {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="git"' }).end()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const failure = await failureOf(remoteTags(locateRepository(`http://127.0.0.1:${port}/shop.git`, '/')))
    expect(failure.message).to.contain('terminal prompts disabled')
    server.close()
  })

  it('makes ssh use an askpass program that returns nothing', async () => {
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

/** Returns two commits whose hashes start with the same four digits. */
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
