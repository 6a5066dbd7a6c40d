import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { expect } from 'chai'

import { command, type Run } from '../cli/fake-terminal.ts'
import { CodeBase, withoutGitConfiguration } from '../deploy/code-base.ts'
import { ProcessList } from './process-list.ts'
import { changesAround, failingTasks, mistakes, names, play, tasksOn, template, variables } from './tasks.ts'
import { canaries, leaksIn } from './values.ts'

const local = ['-i', 'localhost,', '-c', 'local']

describe('30 secrets of all kinds', function () {
  this.timeout(60_000)
  withoutGitConfiguration()
  let root: string
  let targets: string
  let codeBase: CodeBase
  let server: Server
  let url: string
  let processList: ProcessList
  const workingDirectory = process.cwd()
  const stateHome = process.env['XDG_STATE_HOME']

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'hostwright-canary-'))
    process.env['XDG_STATE_HOME'] = join(root, 'state')
    targets = join(root, 'targets')
    await mkdir(targets)
    codeBase = await CodeBase.make()
    await codeBase.release('v1')
    const playbooks = join(codeBase.folder, 'playbooks')
    await mkdir(playbooks)
    for (const folder of [root, playbooks]) await writeFile(join(folder, 'secrets.yml'), variables)
    await writeFile(join(root, 'canary.ejs'), template)
    for (const name of ['deploy', 'rollback', 'unlock', 'releases', 'maintenance'])
      await writeFile(join(playbooks, `${name}.yml`), play(failingTasks))
    server = createServer((request, response) => {
      void request.toArray().then((body) => {
        response.writeHead(500, { 'X-Request': request.url ?? '' })
        response.end(`${request.url ?? ''}\n${Buffer.concat(body as Buffer[]).toString()}\n`)
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    process.chdir(codeBase.folder)
    processList = await ProcessList.watch(`XDG_STATE_HOME=${join(root, 'state')}`)
  })

  after(async () => {
    await processList.end()
    process.chdir(workingDirectory)
    if (stateHome === undefined) delete process.env['XDG_STATE_HOME']
    else process.env['XDG_STATE_HOME'] = stateHome
    server.close()
    await codeBase.remove()
    await rm(root, { recursive: true })
  })

  async function run(tasks: readonly object[], ...options: readonly string[]): Promise<Run> {
    const playbook = join(root, 'playbook.yml')
    await writeFile(playbook, play(tasks))
    return command('run', playbook, ...local, ...options)
  }

  function expectHidden({ stdout, stderr }: Run, times = 0): void {
    const printed = stdout + stderr
    expect(printed.split('‹secret›').length, printed.slice(0, 2000)).to.be.above(times)
    expect(leaksIn(printed)).to.deep.equal([])
  }

  it('are all found if they are not masked', () => {
    const shown = Object.entries(canaries).filter(([, value]) => leaksIn(`"${value}"`).length > 0)
    expect(shown.map(([name]) => name)).to.deep.equal(names)
    expect(names).to.have.length(30)
  })

  const ways: readonly (readonly string[])[] = [
    ['--check', '--diff', '--output', 'jsonl', '--show-commands'],
    ['--check', '--diff', '--show-commands', '-v'],
    ['--diff', '--show-commands', '-v'],
    ['--output', 'jsonl', '--diff'],
  ]
  for (const options of ways)
    it(`are in no output of a run with ${options.join(' ')}`, async () => {
      const isCheck = options.includes('--check')
      if (!isCheck) await rm(targets, { recursive: true })
      await mkdir(targets, { recursive: true })
      const ran = await run(tasksOn(targets, url), ...options)
      expect(ran.code, ran.stdout.slice(-2000) + ran.stderr).to.equal(0)
      expectHidden(ran, isCheck ? 100 : 200)
    })

  for (const output of ['text', 'jsonl'])
    it(`are in no diff that has them near a change or removes them, with --output ${output}`, async () => {
      const ran = await run(changesAround(targets), '--check', '--diff', '--output', output)
      expect(ran.code, ran.stderr).to.equal(0)
      expectHidden(ran, 20)
    })

  for (const option of ['--check', '--syntax-check'])
    it(`are in no error before the first connection, with ${option}`, async () => {
      const ran = await run(mistakes(), option)
      expect(ran.code, ran.stderr.slice(0, 2000)).to.equal(65)
      expectHidden(ran, 300)
    })

  for (const option of ['--list-tasks', '--list-hosts'])
    it(`are in no output with ${option}`, async () => {
      for (const tasks of [tasksOn(targets, url), mistakes().slice(-100)]) {
        const ran = await run(tasks, option)
        expect(ran.code, ran.stderr.slice(0, 2000)).to.be.oneOf([0, 65])
        expectHidden(ran)
      }
    })

  for (const setting of ['ansible_host', 'ansible_port', 'ansible_user', 'ansible_ssh_private_key_file'])
    it(`are in no output of a ping, as ${setting}`, async () => {
      const inventory = join(root, 'hosts.yml')
      const hosts = Object.entries(canaries).flatMap(([name, value]) => {
        // A value that is a valid host name would be looked up in the network.
        if (setting === 'ansible_host' && /^[\w.]+$/.test(value)) return []
        const settings = { ansible_host: '127.0.0.1', ansible_port: 1 }
        const others = Object.entries(settings).filter(([other]) => other !== setting)
        const lines = [...others, [setting, `!secret ${JSON.stringify(value)}`]]
        return [`    ${name}:`, ...lines.map(([key, text]) => `      ${key}: ${text}`)]
      })
      await writeFile(inventory, ['all:', '  hosts:', ...hosts, ''].join('\n'))
      const ran = await command('ping', '-i', inventory)
      expect(ran.code).to.be.oneOf([4, 65])
      expectHidden(ran)
    })

  const deploys: readonly (readonly string[])[] = [
    ['deploy', '--tag', 'v1'],
    ['deploy', '--tag', 'v1', '--check'],
    ['rollback'],
    ['unlock', '--reason', 'test'],
    ['releases'],
    ['maintenance', 'on'],
  ]
  for (const words of deploys)
    for (const output of ['text', 'jsonl'])
      it(`are in no output of hostwright ${words.join(' ')} --output ${output}`, async () => {
        const repository = words[0] === 'deploy' ? ['--repo', codeBase.checkout] : []
        const ran = await command(...words, ...repository, ...local, '--output', output)
        expect(ran.code, ran.stderr).to.equal(1)
        expectHidden(ran, 30)
      })

  /** Runs the command as a separate process, whose deploys are processes too. */
  async function start(input: string, ...words: readonly string[]): Promise<Run> {
    const main = join(import.meta.dirname, '../../src/cli/main.ts')
    const child = spawn(process.execPath, [main, ...words, '--', ...local], {
      cwd: codeBase.folder,
      env: {
        ...process.env,
        NODE_OPTIONS: `--import=${pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href}`,
      },
    })
    child.stdin.end(input)
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number]>,
    ])
    return { code, stdout, stderr }
  }

  it('are in no output of hostwright watch --once', async () => {
    const options = ['--repo', codeBase.checkout, '--tags', 'v*', '--once', '--deploy-newest']
    const ran = await start('', 'watch', ...options)
    expect(ran.code, ran.stderr).to.equal(1)
    expectHidden(ran, 30)
  })

  it('are in no output of hostwright hook receive', async () => {
    const sha = await codeBase.git('rev-parse', 'v1')
    const push = `${'0'.repeat(40)} ${sha} refs/tags/v1\n`
    const ran = await start(push, 'hook', 'receive', '--repo', codeBase.checkout, '--tags', 'v*')
    expectHidden(ran, 30)
  })

  it('are in no process list', async () => {
    const { commandLines, environments } = await processList.processes()
    expect(commandLines.filter((line) => line.includes('--tag=v1'))).not.to.deep.equal([])
    expect(commandLines.filter((line) => line.startsWith('getent'))).not.to.deep.equal([])
    // The commands of tasks have the arguments and the environment that their authors set; the names of users and hosts
    // are not secret.
    const lines = commandLines.filter((line) => !/^(?:printf|getent|ssh)\0/.test(line))
    expect(leaksIn(lines.join('\n'))).to.deep.equal([])
    const others = environments.filter((environment) => !/(?:^|\0)VALUE=/.test(environment))
    expect(leaksIn(others.join('\n'))).to.deep.equal([])
  })

  it('are in no file that a run leaves behind', async () => {
    const sessions = (await readdir('/dev/shm')).filter((name) => name.startsWith('hostwright-'))
    const folders = [root, codeBase.root, ...sessions.map((name) => join('/dev/shm', name))]
    const left = (await Promise.all(folders.map((folder) => filesBelow(folder)))).flat()
    expect(left.join('\n')).to.contain('deploys.jsonl').and.to.contain('-v1.log')
    expect(leaksIn(left.join('\n'))).to.deep.equal([])
  })

  /** Returns the paths and the contents of the files that no task writes. */
  async function filesBelow(folder: string): Promise<string[]> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
    const found = entries.map(async (entry) => {
      const path = join(entry.parentPath, entry.name)
      const isOurs = path.startsWith(`${targets}/`) || /\/(?:secrets|hosts)\.yml$/.test(path)
      if (!entry.isFile() || isOurs) return [path]
      return [path, await readFile(path, 'utf8').catch(() => '')]
    })
    return (await Promise.all(found)).flat()
  }
})
