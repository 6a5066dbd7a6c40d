import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, open, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import { $ } from 'zx'

import { installHook } from '../../../src/deploy/push/post-receive-hook.ts'
import { nastyText } from '../../nasty-text.ts'
import { CodeBase, failureOf, withoutGitConfiguration } from '../code-base.ts'
import { Spoken } from '../watch/spoken.ts'

const receiver = [
  ...[process.execPath, '--import', import.meta.resolve('tsx')],
  join(import.meta.dirname, 'receiver.ts'),
]

describe('a post-receive hook', function () {
  // every push starts Node.js with a compiler
  this.timeout(60_000)

  let codeBase: CodeBase
  let bare: string
  withoutGitConfiguration()
  beforeEach(async () => {
    codeBase = await CodeBase.make()
    bare = join(codeBase.root, 'shop.git')
    await codeBase.git('init', '--quiet', '--bare', bare)
    await codeBase.git('remote', 'add', 'origin', bare)
  })
  afterEach(async () => {
    await codeBase.remove()
  })

  describe('installed', () => {
    const install = (folder: string, ...command: readonly string[]): Promise<string> =>
      installHook({ repository: bare, folder, command })

    it('installs an executable hook in a bare repository or in one with a working tree', async () => {
      const file = await install(codeBase.folder, 'true')
      expect(file).to.equal(join(bare, 'hooks', 'post-receive'))
      expect((await stat(file)).mode & 0o777).to.equal(0o755)
      const ordinary = { repository: codeBase.checkout, folder: codeBase.folder, command: ['true'] }
      expect(await installHook(ordinary)).to.equal(join(codeBase.checkout, '.git', 'hooks', 'post-receive'))
    })

    it('replaces a hook of hostwright, but no other hook', async () => {
      await install(codeBase.folder, 'echo', 'one')
      const file = await install(codeBase.folder, 'echo', 'two')
      expect(await readFile(file, 'utf8')).to.contain("exec 'echo' 'two'")
      await writeFile(file, '#!/bin/sh\necho theirs\n')
      const failure = await failureOf(install(codeBase.folder, 'echo', 'three'))
      expect(failure.message).to.equal(`${file}: not replaced: hostwright did not write this hook`)
      expect(failure.hint).to.contain(`(cd '${codeBase.folder}' && exec 'echo' 'three')`)
      expect(await readFile(file, 'utf8')).to.equal('#!/bin/sh\necho theirs\n')
      expect((await readdir(join(bare, 'hooks'))).filter((name) => name.endsWith('.new'))).to.deep.equal([])
    })

    it('rejects a folder in a repository and a folder that is not a repository', async () => {
      const inside = join(codeBase.checkout, 'src')
      await mkdir(inside)
      for (const [repository, why] of [
        [inside, 'not a repository but a folder in one'],
        [codeBase.folder, 'not a git repository'],
        [join(codeBase.root, 'none'), 'cannot change to'],
      ] as const) {
        const failure = await failureOf(installHook({ repository, folder: '/', command: ['true'] }))
        expect(failure.message).to.contain(why)
      }
    })

    it('passes the words of the command unchanged in every shell', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(nastyText, { maxLength: 4 }), async (words) => {
          const folder = join(codeBase.root, "it's \\n $HOME")
          await mkdir(folder, { recursive: true })
          const file = await install(folder, 'printf', '%s\\0', ...words)
          for (const shell of [['dash'], ['busybox', 'sh']]) {
            const [program = '', ...options] = shell
            const { stdout } = spawnSync(program, [...options, file], { encoding: 'utf8' })
            expect(stdout).to.equal(words.length === 0 ? '\0' : words.map((word) => `${word}\0`).join(''))
          }
        }),
        { numRuns: 25 },
      )
    })

    it('installs a hook that passes shellcheck and reports a missing folder', async () => {
      const file = await install(join(codeBase.root, 'gone'), 'echo', 'never')
      const checked = spawnSync('shellcheck', [file], { encoding: 'utf8' })
      expect(checked.stdout).to.equal('')
      const { status, stdout } = spawnSync(file, { encoding: 'utf8' })
      expect(status).to.equal(1)
      expect(stdout).to.equal(
        `hostwright: the folder ${join(codeBase.root, 'gone')} does not exist: the push was received, but nothing was deployed\n`,
      )
    })
  })

  describe('run by a push', () => {
    it('deploys the tags one after the other and shows the output, even after a failure', async () => {
      const script = await program('[ "$1" != v1.9 ] || exit 3\nprintf "site is %s, größer" "$1"\n')
      await install(script)
      for (const tag of ['v1.10', 'v1.9', 'beta']) await codeBase.release(tag)
      const said = await push('--tags')
      const [log = ''] = await logs()
      expect(said).to.deep.equal([
        'deploying v1.9, v1.10; the deploy continues if you disconnect',
        `log on this machine: ${log}`,
        'deploying v1.9',
        'deploying v1.10',
        'site is v1.10, größer',
        'deploy failed: exit code 3',
      ])
      expect(await readFile(log, 'utf8')).to.equal('deploying v1.9\ndeploying v1.10\nsite is v1.10, größer')
      const modes = await Promise.all(
        [log, dirname(log), join(codeBase.folder, '.hostwright')].map((path) => stat(path)),
      )
      expect(modes.map(({ mode }) => mode & 0o777)).to.deep.equal([0o600, 0o700, 0o700])
    })

    it('deploys a tag whose name is too long or has invalid characters for a file name', async () => {
      await install(await program('echo deployed\n'))
      const odd = `v1\u202e<%=1%>/${'a'.repeat(240)}`
      for (const tag of [odd, 'v2']) await codeBase.release(tag)
      expect((await push('--tags')).at(-1)).to.match(/^done: v1.*, v2$/)
      const [log = ''] = await logs()
      expect(basename(log)).to.match(/^\w+-v1----1---a+\.log$/)
    })

    it('ignores branches and deleted tags', async () => {
      await install(await program('echo deployed\n'))
      await codeBase.release('v1')
      expect(await push('v1')).to.include('done: v1')
      expect(await push('main', ':v1')).to.deep.equal([])
      expect(await logs()).to.have.length(1)
    })

    it('does not pass the variables of its repository to the deploy', async () => {
      await install(await program('env | grep ^GIT_DIR || echo "no GIT_DIR in $PWD"\n'))
      await codeBase.release('v1')
      expect(await push('v1')).to.include(`no GIT_DIR in ${codeBase.folder}`)
    })

    for (const signal of ['SIGINT', 'SIGHUP', 'SIGKILL'] as const)
      it(`lets the deploy finish if the processes of the push get ${signal}`, async () => {
        const [gate, end] = [join(codeBase.root, 'gate'), join(codeBase.root, 'end')]
        await $({ quiet: true })`mkfifo ${gate} ${end}`
        await install(
          await program(`echo "half of $1"\nread -r word <'${gate}'\necho "$word $1"\necho end >'${end}'\n`),
        )
        await codeBase.release('v1')
        const pusher = startPush('v1')
        const spoken = new Spoken()
        pusher.stderr?.setEncoding('utf8').on('data', spoken.say)
        await spoken.until(/half of v1/)
        const gone = once(pusher, 'close')
        process.kill(-(pusher.pid ?? 0), signal)
        await gone
        // opened for reading too, so that the test fails instead of blocking if the deploy has ended
        const word = await open(gate, 'r+')
        await word.write('all\n')
        const { stdout } = await $({ quiet: true, nothrow: true })`timeout 20 cat ${end}`
        await word.close()
        expect(stdout).to.equal('end\n')
        const [log = ''] = await logs()
        expect(await readFile(log, 'utf8')).to.equal('deploying v1\nhalf of v1\nall v1\n')
      })
  })

  async function program(text: string): Promise<string> {
    const file = join(codeBase.root, 'deploy')
    await writeFile(file, `#!/bin/sh\n${text}`)
    await chmod(file, 0o755)
    return file
  }

  function install(deploy: string): Promise<string> {
    return installHook({
      repository: bare,
      folder: codeBase.folder,
      command: [...receiver, 'v*', deploy],
    })
  }

  /** Pushes, and returns the lines that the hook prints to the user. */
  async function push(...refs: readonly string[]): Promise<string[]> {
    const pusher = startPush(...refs)
    let text = ''
    pusher.stderr?.setEncoding('utf8').on('data', (more: string) => {
      text += more
    })
    await once(pusher, 'close')
    return text.split(/[\n\r]/).flatMap((line) => /^remote: (.*?) *$/.exec(line)?.[1] ?? [])
  }

  /** Starts git in a new process group, like a shell does for a command. */
  function startPush(...refs: readonly string[]): ChildProcess {
    return spawn('git', ['push', '--quiet', 'origin', ...refs], {
      cwd: codeBase.checkout,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
  }

  async function logs(): Promise<string[]> {
    const folder = join(codeBase.folder, '.hostwright', 'logs')
    return (await readdir(folder)).map((name) => join(folder, name))
  }
})
