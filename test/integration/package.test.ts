import { execFile } from 'node:child_process'
import { chmod, chown, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'

import { home, makeHome } from '../../src/sandbox/machines-folder.ts'
import { hostwright, project, takenApart } from './command.ts'
import { siteHost } from './site.ts'

const execute = promisify(execFile)

/** The user `nobody` and its group, as an example of an ordinary user. */
const ordinaryUser = { uid: 65534, gid: 65534 }
const root = { uid: 0, gid: 0 }
type User = typeof root

const mostFiles = 150
const mostBytes = 3_000_000

const hello = `
- hosts: all
  tasks:
    - name: Write the greeting
      copy: { content: hello, dest: '<%= playbook_dir %>/greeting' }
`

interface Packed {
  readonly filename: string
  readonly unpackedSize: number
  readonly files: readonly { readonly path: string }[]
}

describe('the package', () => {
  let folder: string
  let packed: Packed

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hostwright-package-'))
    await chmod(folder, 0o755)
    // The package contains the dist of npm run build, which other tests are using.
    const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder]
    const { stdout } = await execute('npm', pack, { cwd: project })
    packed = (JSON.parse(stdout) as readonly Packed[])[0]!
    await chmod(join(folder, packed.filename), 0o644)
    for (const user of [root, ordinaryUser]) await folderOf(user, `home-of-${user.uid}`)
  })
  after(() => rm(folder, { recursive: true, force: true }))

  /** Creates a folder that belongs to a user. */
  async function folderOf(user: User, name: string): Promise<string> {
    const path = join(folder, name)
    await mkdir(path)
    await chown(path, user.uid, user.gid)
    return path
  }

  /** Runs a program in a folder as a user whose home is empty at first. Returns its output. */
  async function runAs(
    user: User,
    cwd: string,
    [program, ...arguments_]: readonly [string, ...string[]],
    env: NodeJS.ProcessEnv = {},
  ): Promise<string> {
    const own = { PATH: process.env['PATH'], HOME: join(folder, `home-of-${user.uid}`), ...env }
    const { stdout } = await execute(program, arguments_, { ...user, cwd, env: own })
    return stdout
  }

  async function install(user: User, cwd: string, ...options: string[]): Promise<void> {
    const quickly = ['--ignore-scripts', '--offline', '--no-audit', '--no-fund']
    await runAs(user, cwd, ['npm', 'install', ...quickly, ...options, join(folder, packed.filename)])
  }

  it(`has at most ${mostFiles} files and ${mostBytes / 1e6} MB, and no sources or tests`, () => {
    expect(packed.unpackedSize).to.be.lessThan(mostBytes)
    expect(packed.files.length).to.be.at.most(mostFiles)
    expect(new Set(packed.files.map(({ path }) => path.replace(/\/.*/, '')))).to.have.all.keys(
      ...['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'THIRD-PARTY-NOTICES', 'dist', 'docs'],
      ...['inventory', 'package.json', 'playbooks', 'templates'],
    )
    const code = packed.files.map(({ path }) => path).filter((path) => /(?<!\.d)\.[cm]?[jt]s$/.test(path))
    expect(code).to.have.members(['dist/cli/command.cjs', 'dist/cli/launch.cjs', 'dist/index.js'])
  })

  describe('installed by an ordinary user', () => {
    let empty: string
    let prefix: string
    let installed: string
    let command: string

    before(async () => {
      empty = await folderOf(ordinaryUser, 'empty')
      prefix = await folderOf(ordinaryUser, 'prefix')
      await install(ordinaryUser, empty, '--global', '--prefix', prefix)
      installed = join(prefix, 'lib/node_modules/hostwright')
      command = join(prefix, 'bin/hostwright')
    })

    it('has no dependencies', async () => {
      expect(await readdir(join(prefix, 'lib/node_modules'))).to.deep.equal(['hostwright'])
      expect(await readdir(installed)).not.to.include('node_modules')
    })

    it('installs the manual page', async () => {
      const page = await readFile(join(prefix, 'share/man/man1/hostwright.1'), 'utf8')
      expect(page).to.include('.TH HOSTWRIGHT 1')
    })

    it('prints its version', async () => {
      const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }
      expect(await runAs(ordinaryUser, empty, [command, '--version'])).to.equal(`${version}\n`)
    })

    it('documents a module', async () => {
      const page = await runAs(ordinaryUser, empty, [command, 'doc', 'copy'])
      expect(page).to.match(/^copy\n {2}Copies .*\n\nParameters\n/)
    })

    it('runs a play over the local connection', async () => {
      const project = await folderOf(ordinaryUser, 'play')
      await writeFile(join(project, 'hello.yml'), hello)
      const inventory = { all: { hosts: { web1: { ansible_connection: 'local' } } } }
      await writeFile(join(project, 'hosts.yml'), JSON.stringify(inventory))
      const files = [join(project, 'hello.yml'), '-i', join(project, 'hosts.yml')]

      const dryRun = await runAs(ordinaryUser, empty, [command, 'run', ...files, '--check'])
      expect(dryRun).to.match(/changed +web1 +Write the greeting /)
      expect(await readdir(project)).to.have.members(['hello.yml', 'hosts.yml'])
      const run = await runAs(ordinaryUser, empty, [command, 'run', ...files])
      expect(run).to.match(/changed +web1 +Write the greeting /)
      expect(await readFile(join(project, 'greeting'), 'utf8')).to.equal('hello')
    })

    it("checks the demo's playbook with its inventory, and lists its tasks", async () => {
      const site = join(installed, 'playbooks/site.yml')
      const check = await runAs(ordinaryUser, empty, [command, 'run', site, '--syntax-check'])
      expect(check).to.match(/: 1 play, \d+ tasks, 1 host\n$/)
      const tasks = await runAs(ordinaryUser, empty, [command, 'run', site, '--list-tasks'])
      expect(tasks).to.match(/^ {2}Install the database server /m)
    })

    it('writes nothing into the folder that it runs in', async () => {
      expect(await readdir(empty)).to.deep.equal([])
    })
  })

  describe('installed as a library by an ordinary user', () => {
    const example = join(project, 'test/docs/library-example.ts')
    let program: string

    before(async () => {
      program = await folderOf(ordinaryUser, 'program')
      await install(ordinaryUser, program)
      for (const name of ['playbooks', 'inventory']) await folderOf(ordinaryUser, `program/${name}`)
      await writeFile(join(program, 'playbooks/site.yml'), hello)
      await writeFile(
        join(program, 'inventory/production.yml'),
        'all: { hosts: { web1: { ansible_connection: local } } }\n',
      )
    })

    it('has types that need no other package', async () => {
      await cp(example, join(program, 'example.mts'))
      const options = { module: 'nodenext', lib: ['es2023', 'dom'], types: [], strict: true, noEmit: true }
      const config = { compilerOptions: options, files: ['example.mts'] }
      await writeFile(join(program, 'tsconfig.json'), JSON.stringify(config))
      const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc')
      const { stdout } = await execute(process.execPath, [compiler, '--listFiles'], { cwd: program })
      expect(stdout).to.include(join(program, 'node_modules/hostwright/dist/run/options.d.ts'))
    })

    it('performs a dry run', async () => {
      const text = `
        import { check } from 'hostwright'
        console.log(await check({ playbook: 'playbooks/site.yml', inventory: ['inventory'] }))`
      const node = [process.execPath, '--input-type=module', '--eval', text] as const
      expect(await runAs(ordinaryUser, program, node)).to.equal('{ exitCode: 0, changed: true }\n')
      expect(await readdir(join(program, 'playbooks'))).to.deep.equal(['site.yml'])
    })

    it('runs a playbook and shows its events', async () => {
      await cp(example, join(program, 'example.mjs'))
      expect(await runAs(ordinaryUser, program, [process.execPath, 'example.mjs'])).to.equal(
        'web1 Write the greeting changed\nexit code: 0\n',
      )
      expect(await readFile(join(program, 'playbooks/greeting'), 'utf8')).to.equal('hello')
    })
  })

  describe('installed by root', () => {
    let env: NodeJS.ProcessEnv
    let sandbox: string

    before(async () => {
      await makeHome()
      // The machine has the name of the shipped inventory's host, like that of npm run demo.
      sandbox = await mkdtemp(`${home()}-package-`)
      await symlink(home('images'), join(sandbox, 'images'))
      env = { HOSTWRIGHT_SANDBOX_HOME: sandbox }
    })
    after(async () => {
      await hostwright(['sandbox', 'down', siteHost], { env: { ...process.env, ...env } })
      await rm(sandbox, { recursive: true, force: true })
    })

    it("performs a dry run of the demo's playbook on a throw-away machine", async () => {
      const empty = await folderOf(root, 'empty-of-root')
      const prefix = await folderOf(root, 'prefix-of-root')
      await install(root, empty, '--global', '--prefix', prefix)
      const site = join(prefix, 'lib/node_modules/hostwright/playbooks/site.yml')
      const rehearse = ['run', site, '--sandbox', '--check', '-o', 'jsonl']
      const stdout = await runAs(root, empty, [join(prefix, 'bin/hostwright'), ...rehearse], env)
      const { recap } = takenApart({ code: 0, stdout, stderr: '' })
      expect(recap.hosts[siteHost]).to.include({ failed: 0, unreachable: 0 })
      expect(recap.hosts[siteHost]?.changed).to.be.greaterThan(0)
    })
  })
})
