import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect } from 'chai'

import { command, type Run } from '../cli/fake-terminal.ts'
import { CodeBase, withoutGitConfiguration } from '../deploy/code-base.ts'
import { ProcessList } from './process-list.ts'
import { canaries, leaksIn } from './values.ts'

const names = Object.keys(canaries)
const value = '<%= by_name[item] %>'

/** The values, each as a variable of its own, in a list, in a mapping and deep in both. */
const variables = [
  ...Object.entries(canaries).map(([name, text]) => `v_${name}: !secret ${JSON.stringify(text)}`),
  `by_name: {${names.map((name) => `${name}: "<%= v_${name} %>"`).join(', ')}}`,
  `deep: {list: [{value: !secret ${JSON.stringify(canaries['plain'])}}, "<%= v_key %>"]}`,
].join('\n')

function play(tasks: readonly object[], file = 'secrets.yml'): string {
  return JSON.stringify([{ hosts: 'localhost', gather_facts: false, vars_files: [file], tasks }], null, 1)
}

function forEachValue(name: string, task: object): object {
  return { name, ...task, loop: names, ignore_errors: true }
}

function forEachLine(name: string, task: object): object {
  const lines = names.filter((one) => !/[\r\n]/.test(canaries[one] ?? ''))
  return { ...forEachValue(name, task), loop: lines }
}

/** Tasks that print values, put them into files, and fail with them in every way. */
function tasksOn(targets: string, url: string): object[] {
  const script = [
    'printf "%s\\n" "$VALUE"',
    'printf %s "$VALUE" | base64',
    'printf %s "user:$VALUE" | base64 -w0; echo',
    'printf %s "$VALUE" | od -An -v -tx1 | tr -d " \\n"; echo',
    'printf "%s\\n" "$VALUE" >&2',
  ].join('\n')
  return [
    forEachValue('Say it', { debug: { msg: `it is ${value}` } }),
    { name: 'Say all', debug: { msg: '<%= ({ by_name, deep }) %>' } },
    { name: 'Say all as JSON', debug: { msg: '<%= JSON.stringify(JSON.stringify({ by_name, deep })) %>' } },
    { name: 'Keep all', set_fact: { kept: '<%= by_name %>' } },
    { name: 'Say what was kept', debug: { var: 'kept' } },
    forEachValue('Copy it', {
      copy: { content: `before\n${value}\nafter\n`, dest: `${targets}/<%= item %>.txt` },
    }),
    forEachValue('Render it', { template: { src: 'canary.ejs', dest: `${targets}/<%= item %>.conf` } }),
    forEachLine('Have a line', {
      lineinfile: { path: `${targets}/lines`, create: true, line: `v = ${value}` },
    }),
    forEachValue('Have a block', {
      blockinfile: { path: `${targets}/blocks`, create: true, block: value, marker: '# {mark} <%= item %>' },
    }),
    forEachLine('Have an option', {
      ini_file: { path: `${targets}/ini`, section: 'a', option: '<%= item %>', value },
    }),
    forEachValue('Replace a word', {
      replace: { path: `${targets}/<%= item %>.txt`, regexp: 'after', replace: value },
    }),
    forEachValue('Run a command', { command: { argv: ['printf', '%s', value] }, register: 'printed' }),
    { name: 'Say what it printed', debug: { var: 'printed' } },
    forEachValue('Fail with output', { shell: `${script}\nexit 3`, environment: { VALUE: value } }),
    forEachValue('Fail in a folder', { command: { cmd: 'true', chdir: `/nowhere/${value}` } }),
    forEachValue('Fail in words', { fail: { msg: `no: ${value}` } }),
    forEachValue('Assert', { assert: { that: 'by_name[item] === 1', fail_msg: value } }),
    forEachLine('Be wrong', { file: { path: `/nowhere/${value}`, state: 'touch', owner: value } }),
    forEachLine('Ask', {
      uri: {
        url: `${url}/?<%= encodeURIComponent(by_name[item]) %>`,
        body: value,
        method: 'POST',
        timeout: 5,
      },
    }),
    forEachValue('Look', { stat: { path: `/nowhere/${value}` } }),
  ]
}

/** Everything that is wrong before the first connection. */
function mistakes(): object[] {
  return names.flatMap((name) => {
    const it = `<%= v_${name} %>`
    return [
      { file: { path: it, state: 'touch' } },
      { file: { path: '/x', state: it } },
      { file: { path: '/x', mode: it } },
      { file: { path: '/x', [`word_${name}`]: it } },
      { wait_for: { port: it } },
      { wait_for: { path: '/x', timeout: it } },
      { command: { cmd: 'true', chdir: it } },
      { command: { cmd: 'true', creates: it } },
      { apt_repository: { repo: it } },
      { apt: { name: 'x', state: it } },
      { service: { name: 'x', state: it } },
      { mysql_user: { name: 'x', priv: it } },
      { cron: { name: 'x', cron_file: it, job: 'x', minute: it } },
      { uri: { url: it } },
      { sysctl: { name: it, value: '1' } },
      { timezone: { name: it } },
      { user: { name: it } },
      { replace: { path: '/x', regexp: `(${it}` } },
      { template: { src: it, dest: '/x' } },
      { debug: { msg: 'x' }, loop: it },
      { debug: { msg: 'x' }, when: `v_${name}` },
      { debug: { msg: `<%= v_${name}.nothing.there %>` } },
      { debug: { msg: `<%= ({ [v_${name}]: 1 }).other %>` } },
      { debug: { msg: `<%= (() => { throw new Error(v_${name}) })() %>` } },
      { debug: { msg: 'x' }, retries: it, until: 'true' },
      { debug: { msg: 'x' }, become: it },
    ]
  })
}

describe('30 secrets of all sorts', function () {
  this.timeout(120_000)
  withoutGitConfiguration()
  let root: string
  let codeBase: CodeBase
  let server: Server
  const workingDirectory = process.cwd()
  const stateHome = process.env['XDG_STATE_HOME']

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'hostwright-canary-'))
    process.env['XDG_STATE_HOME'] = join(root, 'state')
    codeBase = await CodeBase.make()
    await codeBase.release('v1')
    await mkdir(join(root, 'targets'))
    await mkdir(join(codeBase.folder, 'playbooks'))
    for (const folder of [root, join(codeBase.folder, 'playbooks')]) {
      await writeFile(join(folder, 'secrets.yml'), variables)
      await writeFile(join(folder, 'canary.ejs'), 'user = a\npassword = <%= by_name[item] %>\nport = 1\n')
    }
    server = createServer((request, response) => {
      void request.toArray().then((body) => {
        response.writeHead(500, { 'X-Request': request.url ?? '' })
        response.end(`${request.url ?? ''}\n${Buffer.concat(body as Buffer[]).toString()}\n`)
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
  })

  after(async () => {
    process.chdir(workingDirectory)
    if (stateHome === undefined) delete process.env['XDG_STATE_HOME']
    else process.env['XDG_STATE_HOME'] = stateHome
    server.close()
    await codeBase.remove()
    await rm(root, { recursive: true })
  })

  function url(): string {
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  async function run(tasks: readonly object[], ...options: readonly string[]): Promise<Run> {
    const playbook = join(root, 'playbook.yml')
    await writeFile(playbook, play(tasks))
    return command('run', playbook, '-i', 'localhost,', '-c', 'local', ...options)
  }

  function expectNoLeak({ stdout, stderr }: Run): void {
    expect(leaksIn(stdout + stderr)).to.deep.equal([])
  }

  it('are all found where they are not masked', () => {
    const shown = Object.entries(canaries).filter(([, text]) => leaksIn(`"${text}"`).length > 0)
    expect(shown.map(([name]) => name)).to.deep.equal(names)
    expect(names).to.have.length(30)
  })

  const ways: readonly (readonly string[])[] = [
    ['--check', '--diff', '--output', 'jsonl'],
    ['--check', '--diff', '--show-commands', '-v'],
    ['--diff', '--show-commands', '-v'],
    ['--output', 'jsonl', '--show-commands'],
  ]
  for (const options of ways)
    it(`show nowhere in a run with ${options.join(' ')}`, async () => {
      const ran = await run(tasksOn(join(root, 'targets'), url()), ...options)
      expect(ran.code, ran.stderr).to.equal(0)
      expect(ran.stdout.split('‹secret›').length).to.be.above(60)
      expectNoLeak(ran)
    })

  it('show nowhere when they are replaced, removed and neighbours of a change', async () => {
    const copies = names.map((name) => ({
      copy: {
        content: `${name} = 1\n`,
        dest: `${join(root, 'targets')}/${name}.conf`,
      },
    }))
    for (const output of ['text', 'jsonl'])
      expectNoLeak(await run(copies, '--check', '--diff', '--output', output))
  })

  for (const option of ['--check', '--syntax-check', '--list-tasks', '--list-hosts'])
    it(`show nowhere in errors before the first connection, with ${option}`, async () => {
      const ran = await run(mistakes(), option)
      expect(ran.code, ran.stderr.slice(0, 1500)).to.be.oneOf([0, 65])
      if (option.endsWith('check')) expect(ran.stderr.split('‹secret›').length).to.be.above(300)
      expectNoLeak(ran)
    })

  for (const option of ['--list-tasks', '--list-hosts', '--syntax-check'])
    it(`show nowhere with ${option}`, async () => {
      const ran = await run(tasksOn(join(root, 'targets'), url()), option)
      expect(ran.code, ran.stderr).to.equal(0)
      expectNoLeak(ran)
    })

  for (const setting of ['ansible_host', 'ansible_port', 'ansible_user', 'ansible_ssh_private_key_file'])
    it(`show nowhere in a ping, as ${setting}`, async () => {
      const inventory = join(root, 'hosts.yml')
      const lines = Object.entries(canaries).flatMap(([name, text]) =>
        // a name that can be one would be looked up in the network
        setting === 'ansible_host' && /^[\w.]+$/.test(text)
          ? []
          : [
              `    ${name}:`,
              ...(setting === 'ansible_host' ? [] : ['      ansible_host: 127.0.0.1']),
              ...(setting === 'ansible_port' ? [] : ['      ansible_port: 1']),
              `      ${setting}: !secret ${JSON.stringify(text)}`,
            ],
      )
      await writeFile(inventory, ['all:', '  hosts:', ...lines, ''].join('\n'))
      const ran = await command('ping', '-i', inventory)
      expect(ran.code).not.to.equal(0)
      expectNoLeak(ran)
    })

  describe('in the playbooks of deploys', () => {
    const commands: readonly (readonly string[])[] = [
      ['deploy', '--tag', 'v1'],
      ['rollback'],
      ['unlock', '--reason', 'test'],
      ['releases'],
      ['maintenance', 'on'],
    ]
    before(async () => {
      process.chdir(codeBase.folder)
      const tasks = [
        forEachValue('Say it', { debug: { msg: value } }),
        forEachValue('Fail', { shell: 'printf %s "$VALUE"; exit 1', environment: { VALUE: value } }),
        { name: 'Say all and fail', fail: { msg: '<%= JSON.stringify(by_name) %>' } },
      ]
      for (const name of ['deploy', 'rollback', 'unlock', 'releases', 'maintenance'])
        await writeFile(join(codeBase.folder, 'playbooks', `${name}.yml`), play(tasks))
    })
    after(() => {
      process.chdir(workingDirectory)
    })

    for (const words of commands)
      for (const output of ['text', 'jsonl'])
        it(`show nowhere: hostwright ${words.join(' ')} --output ${output}`, async () => {
          const repository = words[0] === 'deploy' ? ['--repo', codeBase.checkout] : []
          const ran = await command(
            ...words,
            ...repository,
            ...['-i', 'localhost,', '-c', 'local', '--output', output],
          )
          expect(ran.code, ran.stderr).to.equal(1)
          expect(ran.stdout).to.contain('‹secret›')
          expectNoLeak(ran)
        })
  })

  it('are in no process list', async () => {
    const list = await ProcessList.watch()
    const waits = names.map((name) => ({
      wait_for: {
        path: join(root, 'secrets.yml'),
        search_regex: `never ${canaries[name]!.length} <%= v_${name} %>`,
        timeout: 1,
      },
      ignore_errors: true,
    }))
    const tasks = tasksOn(join(root, 'targets'), url()).filter(
      // what these run is the author's own command, with the arguments and the environment that he gives it
      (task) => !/Run a command|Fail with output/.test(JSON.stringify(task)),
    )
    await run([...tasks, ...waits])
    const seen = await list.end()
    expect(seen.length).to.be.above(20)
    expect(leaksIn(seen.join('\n'))).to.deep.equal([])
  })

  it('are in no file that is left behind', async () => {
    const left: string[] = []
    for (const folder of [root, codeBase.root])
      for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name)
        const isOurs = /\/targets\/|\/secrets\.yml$|\/hosts\.yml$/.test(path)
        left.push(path, entry.isFile() && !isOurs ? await readFile(path, 'latin1') : '')
      }
    expect(left.join('\n')).to.contain('journal')
    expect(leaksIn(left.join('\n'))).to.deep.equal([])
  })
})
