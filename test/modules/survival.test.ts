import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'

import type { AnyModule, Source, Step } from '../../src/modules/definition/module.ts'
import { modules } from '../../src/modules/index.ts'
import { sha256 } from '../../src/modules/placement/bytes.ts'
import { sqlText } from '../../src/state/mysql/sql.ts'
import { quote } from '../../src/target/sh.ts'
import { attachedText, bytesOf } from '../attachments.ts'
import { everythingNasty, everythingNastyInLines, nastyLine, nastyText } from '../nasty-text.ts'
import { Application } from './application.ts'
import { converge, run, shells, type Shell } from './harness.ts'
import { recorded } from './recorded.ts'

/** A test that a module passes a value unchanged. It throws if another value arrives. */
type Carries = (value: string, shell: Shell, directory: string) => void

const inFiles: Readonly<Record<string, Carries>> = {
  async blockinfile(value, shell, directory) {
    const path = join(directory, 'block')
    await converge(
      program('blockinfile'),
      { path, block: `x${value}`, create: true, marker: '; {mark}' },
      { shell },
    )
    expect(text(path)).to.equal(`; BEGIN\nx${value}${value.endsWith('\n') ? '' : '\n'}; END\n`)
  },
  async copy(value, shell, directory) {
    const dest = join(directory, fileName(value))
    await converge(program('copy'), { dest, content: value }, { shell })
    expect(text(dest)).to.equal(value)
  },
  async file(value, shell, directory) {
    const path = join(directory, fileName(value))
    await converge(program('file'), { path, state: 'directory' }, { shell })
    expect(statSync(path).isDirectory()).to.equal(true)
    const link = join(path, 'link')
    await converge(
      program('file'),
      { path: link, src: fileName(value), state: 'link', force: true },
      { shell },
    )
    expect(readlinkSync(link)).to.equal(fileName(value))
  },
  async stat(value, shell, directory) {
    const path = join(directory, fileName(value))
    writeFileSync(path, value)
    const { result } = await converge(program('stat'), { path }, { shell })
    expect(result['stat']).to.include({ exists: true, path, size: Buffer.byteLength(value) })
  },
  async template(value, shell, directory) {
    const source: Source = { type: 'file', path: '/a.ejs', content: Buffer.from(value), mode: '0644' }
    const dest = join(directory, 'rendered')
    await converge(program('template'), { src: 'a.ejs', dest }, { source, shell })
    expect(text(dest)).to.equal(value)
  },
  replace(value, shell, directory) {
    const path = join(directory, 'replaced')
    writeFileSync(path, 'a MARK z')
    const content = Buffer.from('a MARK z')
    const sha256 = createHash('sha256').update(content).digest('hex')
    const steps = stepsOf(
      'replace',
      { path, regexp: '^a MARK z$', replace: value.replaceAll('\\', '\\\\') },
      { file: { exists: true, type: 'file', mode: '0644', content, sha256 } },
    )
    for (const step of steps) expect(run(step.script, shell).code).to.equal(0)
    expect(text(path)).to.equal(value)
  },
  async command(value, shell) {
    const given = { argv: ['sh', '-c', 'printf "%s|" "$@"; cat', 'sh', value, '-n'], stdin: value }
    const { outputs } = await converge(program('command'), { ...given, stdin_add_newline: false }, { shell })
    expect(outputs[0]?.stdout).to.equal(`${value}|-n|${value}`)
  },
  async shell(value, shell) {
    const given = { cmd: `cat <<'the end of it'\n${value}\nthe end of it\ncat`, stdin: value }
    const { outputs } = await converge(program('shell'), { ...given, stdin_add_newline: false }, { shell })
    expect(outputs[0]?.stdout).to.equal(`${value}\n${value}`)
  },
  wait_for(value, shell, directory) {
    const given = { path: join(directory, fileName(value), 'never'), timeout: 0, msg: value }
    const [step] = stepsOf('wait_for', given, { now: { exists: false } })
    expect(run(step!.script, shell).stderr).to.equal(`${value}\n`)
  },
}

/** The deploy modules. */
const inDeploys: Readonly<Record<string, Carries>> = {
  async deploy_artifact(value, shell, directory) {
    const [repository, cache] = ['a', 'b'].map((name) => join(directory, `${name}${fileName(value)}`))
    execFileSync('git', ['init', '-q', '--bare', repository!])
    const git = [
      'git',
      `--git-dir=${repository}`,
      ...['-c', 'user.name=a', '-c', 'user.email=a@b'],
      'commit-tree',
    ]
    const tree = execFileSync('git', [`--git-dir=${repository}`, 'mktree'], { input: '' })
      .toString()
      .trim()
    const revision = execFileSync(git[0]!, [...git.slice(1), '-m', 'a', tree])
      .toString()
      .trim()
    const build = [`printf %s ${quote(value)} >built`]
    const { result } = await converge(
      program('deploy_artifact'),
      { repository, cache, revision, build },
      { shell },
    )
    const built = execFileSync('tar', ['-xzOf', String(result['path']), './built'])
    expect(built.toString()).to.equal(value)
    rmSync(repository!, { recursive: true })
    rmSync(cache!, { recursive: true })
  },
  async deploy_candidate(value, shell, directory) {
    const application = new Application(join(directory, fileName(value)), value).release('a', {
      state: 'ready',
    })
    const socket = `/run/${fileName(value)}-green.sock`
    await converge(
      program('deploy_candidate'),
      { ...application.given, id: 'a', slot: 'green', socket },
      { shell },
    )
    expect(readlinkSync(application.at('releases/a/fpm.sock'))).to.equal(socket)
  },
  async deploy_lock(value, shell, directory) {
    const root = join(directory, `lock ${fileName(value)}`)
    const given = { root, run: value, by: value, purpose: value }
    const { state } = await converge(program('deploy_lock'), given, { shell })
    expect(state['holder']).to.deep.include({ run: value, by: value, purpose: value })
    await converge(program('deploy_lock'), { root, run: value, state: 'absent' }, { shell })
    expect(existsSync(join(root, 'deploy/lock'))).to.equal(false)
  },
  async deploy_prune(value, shell, directory) {
    const application = new Application(join(directory, fileName(value)), value)
    application
      .release(fileName(value), { state: 'failed' })
      .release('y', { state: 'live' })
      .current('releases/y')
    await converge(program('deploy_prune'), application.given, { shell })
    expect(application.releases()).to.deep.equal(['y'])
    expect(application.journal()).to.deep.equal([
      { event: 'removed', run: value, releases: [fileName(value)] },
    ])
    rmSync(application.root, { recursive: true })
  },
  async deploy_record(value, shell, directory) {
    const application = new Application(join(directory, fileName(value)), value)
    application.release('a', { state: 'ready', information: { [value]: value } })
    const given = { ...application.given, id: 'a', state: 'failed', by: value, reason: value }
    await converge(program('deploy_record'), given, { shell })
    expect(application.journal()).to.deep.equal([
      { [value]: value, event: 'failed', release: 'a', run: value, by: value, reason: value },
    ])
    rmSync(application.root, { recursive: true })
  },
  async deploy_release(value, shell, directory) {
    const application = new Application(join(directory, fileName(value)), value)
    const folder = `${fileName(value)}/${fileName(value)}`
    mkdirSync(join(directory, 'content', folder), { recursive: true })
    writeFileSync(join(directory, 'content', folder, 'a'), value)
    const src = join(directory, `${fileName(value)}.tar.gz`)
    execFileSync('tar', ['-czf', src, '--force-local', '-C', join(directory, 'content'), '.'])
    const given = { ...application.given, id: 'a', src, information: { [value]: value } }
    await converge(program('deploy_release'), { ...given, shared_directories: [folder] }, { shell })
    expect(application.read().releases[0]?.information[value]).to.equal(value)
    expect(text(application.at('shared', folder, 'a'))).to.equal(value)
    expect(text(application.at('releases/a', folder, 'a'))).to.equal(value)
    rmSync(application.root, { recursive: true })
  },
  async deploy_status(value, shell, directory) {
    const application = new Application(join(directory, fileName(value)), value)
    application.release('a', { information: { reference: value, revision: value, by: value } })
    await converge(program('deploy_record'), { ...application.given, id: 'a', state: 'live' }, { shell })
    const given = { root: application.root, reference: value }
    const { result } = await converge(program('deploy_status'), given, { shell })
    expect(result['deployed_revision']).to.equal(value)
    expect(result['releases']).to.have.deep.nested.property('[0].by', value)
    rmSync(application.root, { recursive: true })
  },
  async deploy_switch(value, shell, directory) {
    const application = new Application(join(directory, fileName(value)), value).release('a')
    await converge(program('deploy_switch'), { ...application.given, id: 'a' }, { shell })
    expect(readlinkSync(application.at('current'))).to.equal('releases/a')
    expect(application.journal()).to.have.nested.property('[0].run', value)
    rmSync(application.root, { recursive: true })
  },
}

/** Modules whose values are one line. */
const inLines: Readonly<Record<string, Carries>> = {
  async lineinfile(value, shell, directory) {
    const path = join(directory, 'lines')
    writeFileSync(path, 'first\n')
    await converge(program('lineinfile'), { path, line: `x${value}` }, { shell })
    expect(text(path)).to.equal(`first\nx${value}\n`)
  },
  async ini_file(value, shell, directory) {
    const path = join(directory, 'ini')
    rmSync(path, { force: true })
    await converge(program('ini_file'), { path, section: 's', option: 'o', value: `x${value}x` }, { shell })
    expect(text(path)).to.equal(`[s]\no = x${value}x\n`)
  },
  async cron(value, shell, directory) {
    const cron_file = join(directory, 'table')
    rmSync(cron_file, { force: true })
    await converge(program('cron'), { name: `x${value}`, job: value, user: 'root', cron_file }, { shell })
    expect(text(cron_file)).to.equal(`#Ansible: x${value}\n* * * * * root ${value}\n`)
    const [step] = stepsOf(
      'cron',
      { name: 'x', job: value, user: 'app' },
      {
        crontab: { writable: true, exists: true, content: '', sha256: sha256(Buffer.from('\n')) },
      },
    )
    const call = recorded(step!.script, ['crontab'], shell).at(-1)
    expect(call?.words).to.deep.equal(['-u', 'app', '-'])
    expect(call?.stdin.toString()).to.equal(`#Ansible: x\n* * * * * ${value}\n`)
  },
  sysctl(value, shell, directory) {
    const sysctl_file = join(directory, 'sysctl.conf')
    rmSync(sysctl_file, { force: true })
    const given = { name: 'kernel.ostype', value: `x${value}`, sysctl_file, reload: false }
    const [step] = stepsOf('sysctl', given, {
      sysctl: { live: 'x', writable: true },
      file: { exists: false },
    })
    expect(run(step!.script, shell).code).to.equal(0)
    expect(text(sysctl_file)).to.equal(`kernel.ostype = x${value}\n`)
  },
  user(value, shell) {
    const accepted = value.replaceAll(':', '')
    const given = {
      name: 'app',
      comment: accepted,
      home: `/${fileName(accepted)}`,
      shell: `/${fileName(accepted)}`,
      password: `$6$${accepted}`,
    }
    const [step] = stepsOf('user', given, { user: { exists: false }, groups: [], own: { exists: false } })
    const [made, password] = recorded(step!.script, ['useradd', 'chpasswd'], shell)
    expect(made?.words.slice(0, 3)).to.deep.equal([
      `--comment=${accepted}`,
      `--home-dir=/${fileName(accepted)}`,
      `--shell=/${fileName(accepted)}`,
    ])
    expect(password?.stdin.toString()).to.equal(`app:$6$${accepted}\n`)
    expect(password?.words).to.deep.equal(['--encrypted'])
  },
  apt(value, shell) {
    const deb = `/${fileName(value)}`
    const [step] = stepsOf(
      'apt',
      { deb, default_release: `x${value}` },
      {
        packages: [],
        debFile: { exists: true, name: 'a', version: '1' },
      },
    )
    const calls = recorded(step!.script, ['apt-get', 'dpkg-query', 'dpkg'], shell)
    expect(calls.at(-1)?.words).to.include.members([deb, `x${value}`])
  },
  apt_repository(value) {
    const repo = `deb https://example.org/debian stable ${value.trim()}`.trim()
    const [step] = stepsOf('apt_repository', { repo, filename: 'a' }, { sources: {}, lists: {} })
    expect(attachedText(step?.script, 'source-0')).to.equal(`${repo}\n`)
  },
}

const server = { server: 'mariadb', version: '1', privileges: ['SELECT'], hosts: [] }

/** Modules that pass values to a MySQL client. The integration tests use real servers. */
const inSql: Readonly<Record<string, Carries>> = {
  mysql_user(value, shell) {
    const given = { name: value, host: `x${value}`, password: value, login_user: `x${value}` }
    const [step] = stepsOf('mysql_user', given, { user: server })
    const [call] = recorded(step!.script, ['mariadb', 'mysql'], shell)
    expect(call?.words).to.include(`--user=x${value}`)
    expect(call?.stdin.toString()).to.contain(
      `CREATE USER ${sqlText(value)}@${sqlText(`x${value}`.toLowerCase())} IDENTIFIED VIA mysql_native_password USING PASSWORD(${sqlText(value)});`,
    )
  },
  mysql_db(value, shell) {
    const name = `x${value.replaceAll(/[\s,]/g, '')}`
    const given = { name: [name], login_unix_socket: `/${fileName(value)}` }
    const [step] = stepsOf('mysql_db', given, { databases: [server] })
    const [call] = recorded(step!.script, ['mariadb', 'mysql'], shell)
    expect(call?.words).to.include(`--socket=/${fileName(value)}`)
    expect(call?.stdin.toString()).to.contain(`CREATE DATABASE \`${name.replaceAll('`', '``')}\``)
  },
}

const inUnits: Readonly<Record<string, object>> = {
  service: { state: 'stopped' },
  systemd: { enabled: true },
}

/** Modules that only accept names that need no quoting. */
const refusing: Readonly<Record<string, object>> = {
  group: {},
  hostname: {},
  timezone: {},
  package: { state: 'present' },
  apt: {},
  user: {},
  service: { state: 'started' },
  systemd: { state: 'started' },
}

const actions: Readonly<Record<string, (value: string) => unknown>> = {
  debug: (value) => act('debug', { msg: value }).result?.['msg'],
  fail: (value) => act('fail', { msg: value }).msg,
  assert: (value) =>
    act('assert', { that: [{ text: 'x', value: false }], fail_msg: value }).msg?.slice(0, value.length),
  set_fact: (value) => act('set_fact', { fact: value }).facts?.['fact'],
}

/** Modules whose own tests use a server that echoes requests. */
const elsewhere = ['uri', 'deploy_probe']

describe('values with special characters', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "hostwright's $(values) "))
  })
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true })
  })

  it('covers every module', () => {
    const tables = [inFiles, inDeploys, inLines, inSql, refusing, actions]
    const tested = new Set([...tables.flatMap(Object.keys), ...elsewhere])
    expect([...tested].sort()).to.deep.equal([...modules.keys()].sort())
  })

  for (const shell of shells)
    describe(`under ${shell}`, () => {
      for (const [name, carries] of Object.entries({ ...inFiles, ...inSql }))
        it(`passes special characters through ${name} unchanged`, () => {
          carries(everythingNastyInLines, shell, directory)
          each(nastyText, (value) => {
            carries(value, shell, directory)
          })
        })
      for (const [name, carries] of Object.entries(inDeploys))
        it(`passes special characters through ${name} unchanged`, () => {
          // names must not be empty
          carries(everythingNastyInLines, shell, directory)
          each(nastyText, (value) => {
            carries(`x${value}`, shell, directory)
          })
        })
      for (const [name, carries] of Object.entries(inLines))
        it(`passes special characters through ${name} unchanged`, () => {
          carries(everythingNasty, shell, directory)
          each(nastyLine, (value) => {
            carries(value, shell, directory)
          })
        })
      for (const [name, wanted] of Object.entries(inUnits))
        it(`passes valid names of units through ${name} unchanged`, () => {
          const unit = {
            exists: true,
            id: 'a',
            active: 'active',
            sub: 'running',
            enabled: false,
            related: [],
          }
          each(fc.stringMatching(/^[\w:@.\\][\w:.@\\-]{0,20}\.timer$/), (value) => {
            fc.pre(program(name).params.safeParse({ name: value, ...wanted }).success)
            const [step] = stepsOf(name, { name: value, ...wanted }, { unit })
            expect(recorded(step!.script, ['systemctl'], shell)[0]?.words.slice(1)).to.deep.equal([
              '--',
              value,
            ])
          })
        })
    })

  for (const [name, rest] of Object.entries(refusing))
    it(`rejects names with special characters in ${name}`, () => {
      for (const value of [
        "it's",
        '$(id)',
        '`id`',
        '-x',
        'a b',
        'a\nb',
        'ä',
        'a;b',
        '"a"',
        '<%= 1 %>',
        '%s',
        'a\\',
      ])
        if (value !== 'a\\' || !(name in inUnits))
          expect(program(name).params.safeParse({ ...rest, name: value }).success, value).to.equal(false)
    })

  for (const [name, carried] of Object.entries(actions))
    it(`passes special characters through ${name} unchanged`, () => {
      fc.assert(
        fc.property(nastyText, (value) => {
          expect(carried(value)).to.equal(value)
        }),
      )
    })
})

describe('a secret', () => {
  const canary = 'canary-5d1f'
  const password = `$6$${canary}`
  const cases: [string, object, object][] = [
    ['mysql_user', { name: 'a', password: canary, login_password: canary }, { user: server }],
    ['mysql_user', { name: 'a', plugin: 'ed25519', plugin_auth_string: canary }, { user: server }],
    ['mysql_user', { name: 'a', password: canary, encrypted: true }, { user: server }],
    ['mysql_db', { name: 'a', login_password: canary }, { databases: [server] }],
    ['user', { name: 'a', password }, { user: { exists: false }, groups: [] }],
    ['user', { name: 'a', password }, { user: { exists: true, passwordHash: '!' }, groups: [] }],
    ['uri', { url: 'http://a/', method: 'POST', body: canary, headers: { 'X-A': canary } }, {}],
    ['uri', { url: `http://a:${canary}@a/?b=${canary}`, method: 'POST' }, {}],
    ['uri', { url: 'http://a/', method: 'PUT', url_username: 'a', url_password: canary }, {}],
    [
      'copy',
      { dest: '/a', content: canary },
      { dest: { exists: false }, directory: { exists: true, type: 'directory' } },
    ],
    ['command', { cmd: 'cat', stdin: canary }, {}],
    ['shell', { cmd: `mysql -p${canary}`, stdin: canary }, {}],
    ['cron', { name: 'a', job: canary }, { crontab: { writable: true, exists: false, content: '' } }],
    ['apt_repository', { repo: `deb https://a:${canary}@a/ b c` }, { sources: {}, lists: {} }],
    ...(['lineinfile', 'blockinfile', 'ini_file', 'replace'] as const).map(
      (name): [string, object, object] => [
        name,
        {
          lineinfile: { path: '/a', line: canary },
          blockinfile: { path: '/a', block: canary },
          ini_file: { path: '/a', section: 'a', option: 'b', value: canary },
          replace: { path: '/a', regexp: 'x', replace: canary },
        }[name],
        { file: { exists: true, type: 'file', mode: '0644', content: Buffer.from('x\n'), sha256: '' } },
      ],
    ),
  ]
  for (const [name, given, state] of cases)
    it(`sends a secret as an attachment: ${name} ${Object.keys(given).join(', ')}`, () => {
      const module = program(name)
      const steps = stepsOf(name, given, state)
      const read = Object.values(module.reads(module.params.parse(given)))
        .flatMap((keys) => keys ?? [])
        .map((key) => ('kind' in key ? key.kind.read([key.question]) : undefined))
      const scripts = [...read, ...steps.flatMap(({ script, validate }) => [script, validate])]
      const spellings = [canary, Buffer.from(`a:${canary}`).toString('base64')]
      for (const script of scripts)
        for (const spelling of spellings) expect(script?.text ?? '').not.to.contain(spelling)
      const carried = steps.flatMap(({ script }) => [...script.attachments.values()].map(bytesOf)).join('\n')
      expect(spellings.some((spelling) => carried.includes(spelling))).to.equal(true)
    })
})

function program(name: string): AnyModule {
  const module = modules.get(name)
  if (module?.type !== 'module') throw new Error(`no module ${name}`)
  return module
}

function act(name: string, given: object) {
  const action = modules.get(name)
  if (action?.type !== 'action') throw new Error(`no action ${name}`)
  return action.run(action.params.parse(given))
}

/** Returns the steps of a module for a host in this state. */
function stepsOf(name: string, given: object, state: object): Step[] {
  const module = program(name)
  const params = module.params.parse(given)
  return module.apply(module.diff(state as never, params), params, state as never)
}

function each(values: fc.Arbitrary<string>, property: (value: string) => void): void {
  fc.assert(fc.property(values, property), { numRuns: 2 })
}

function text(path: string): string {
  return readFileSync(path).toString()
}

/** Returns a file name from the value, without invalid characters and without half of a surrogate pair. */
function fileName(value: string): string {
  return `x${value.replaceAll(/[/\n:]/g, '').replace(/^(.{50}).*/u, '$1')}x`
}
