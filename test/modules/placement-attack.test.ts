import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect } from 'chai'

import { TaskFailure } from '../../src/errors.ts'
import { modules } from '../../src/modules/index.ts'
import type { AnyModule, Source } from '../../src/modules/module.ts'
import { attach, joinScripts, sh, type Script } from '../../src/target/sh.ts'
import { asRoot, converge, plan, shells, start, type Shell } from './harness.ts'

/** nobody on Debian: the owner of the application's directory. */
const stranger = 65534
const attempts = 14
const secret = 'root:secret:1::\n'

interface Attack {
  readonly title: string
  readonly module: string
  /** Parameters without the path, which is `app/<name>`. */
  readonly given: (path: string) => object
  readonly source?: Source
  /** The names that the attacker waits for in the directory `app`, or in one below. */
  readonly prefix?: string
  /** The name that the attacker gives to a symlink and back. */
  readonly flips?: string
  readonly below?: string
  /** What is in `app` when the task begins. */
  readonly present?: (app: string) => void
  /** The symlinks lead to a directory as well, in a race of its own. */
  readonly toDirectory?: true
}

const file = (content: string): Source => ({
  type: 'file',
  path: '/x',
  content: Buffer.from(content),
  mode: '0644',
})
const owned = { owner: 'nobody', mode: '0644' }

function give(path: string, content?: string): string {
  if (content === undefined) mkdirSync(path)
  else writeFileSync(path, content)
  chownSync(path, stranger, stranger)
  return path
}

const config = (app: string): void => {
  give(join(app, 'config'), '[main]\nold = 1\n')
}

const attacks: readonly Attack[] = [
  { title: 'copy', toDirectory: true, module: 'copy', given: (dest) => ({ dest, content: 'new', ...owned }) },
  {
    title: 'template',
    module: 'template',
    given: (dest) => ({ dest, src: 'x.ejs', ...owned }),
    source: file('new'),
  },
  {
    title: 'lineinfile',
    module: 'lineinfile',
    given: (path) => ({ path, line: 'new = 2', ...owned }),
    present: config,
  },
  {
    title: 'blockinfile',
    module: 'blockinfile',
    given: (path) => ({ path, block: 'new', ...owned }),
    present: config,
  },
  {
    title: 'replace',
    module: 'replace',
    given: (path) => ({ path, regexp: 'old', replace: 'new', ...owned }),
    present: config,
  },
  {
    title: 'ini_file',
    module: 'ini_file',
    given: (path) => ({ path, section: 'main', option: 'new', value: '2', ...owned }),
    present: config,
  },
  { title: 'file touch', module: 'file', given: (path) => ({ path, state: 'touch', ...owned }) },
  {
    title: 'file directory',
    toDirectory: true,
    module: 'file',
    given: (path) => ({ path, state: 'directory', owner: 'nobody', mode: '0755' }),
    prefix: 'config',
  },
  {
    title: 'file directory, with those above it',
    module: 'file',
    given: (path) => ({ path: `${path}/in/it`, state: 'directory', owner: 'nobody', mode: '0755' }),
    prefix: 'config',
  },
  {
    title: 'file owner and mode',
    toDirectory: true,
    module: 'file',
    given: (path) => ({ path, owner: 'www-data', mode: '0666' }),
    present: config,
    flips: 'config',
  },
  {
    title: 'file recurse',
    toDirectory: true,
    module: 'file',
    given: (path) => ({
      path,
      state: 'directory',
      recurse: true,
      owner: 'www-data',
      mode: 'u=rwX,g=rX,o=rX',
    }),
    present(app) {
      give(join(app, 'config'))
      for (let index = 0; index < 4; index += 1) {
        give(join(app, 'config', `file${index}`), '')
        chmodSync(join(app, 'config', `file${index}`), 0o600)
      }
    },
    flips: 'file1',
    below: 'config',
  },
  {
    title: 'backup',
    module: 'copy',
    given: (dest) => ({ dest, content: 'new', backup: true, ...owned }),
    present: config,
    prefix: 'config.',
  },
  {
    title: 'copied directory',
    toDirectory: true,
    module: 'copy',
    given: (path) => ({ dest: path, src: 'site/', ...owned, directory_mode: '0755' }),
    source: {
      type: 'directory',
      path: '/site',
      entries: [
        { path: 'page', type: 'file', mode: '0644', content: Buffer.from('page') },
        { path: 'sub', type: 'directory', mode: '0755' },
        { path: 'sub/page', type: 'file', mode: '0644', content: Buffer.from('page') },
      ],
    },
    present(app) {
      give(join(app, 'config'))
    },
    below: 'config',
    prefix: '',
  },
]

describe('A user who owns the directory that root works in', () => {
  let directory: string
  let app: string
  let victimFile: string
  let victimDirectory: string

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'hostwright-attack-'))
    chmodSync(directory, 0o755)
    app = give(join(directory, 'app'))
    victimFile = join(directory, 'victim')
    writeFileSync(victimFile, secret, { mode: 0o600 })
    victimDirectory = join(directory, 'victims')
    mkdirSync(victimDirectory, { mode: 0o700 })
    writeFileSync(join(victimDirectory, 'page'), secret, { mode: 0o600 })
  })

  afterEach(() => {
    rmSync(directory, { recursive: true, force: true })
  })

  function victims(): string[] {
    return [victimFile, victimDirectory, join(victimDirectory, 'page')].map((path) => {
      const { mode, uid } = lstatSync(path)
      const holds = lstatSync(path).isDirectory() ? readdirSync(path).join() : readFileSync(path, 'utf8')
      return `${path} ${mode.toString(8)} ${uid} ${holds}`
    })
  }

  describe('wins no race', () => {
    for (const attack of attacks)
      for (const target of ['a file', ...(attack.toDirectory === true ? ['a directory'] : [])])
        asRoot(`for ${target} of root: ${attack.title}`, async () => {
          const won = await race(attack, target === 'a file' ? victimFile : victimDirectory)
          expect(won, `attacks of ${attempts} that succeeded`).to.equal(0)
        }).timeout(60_000)
  })

  /** How many attempts changed something of root's. */
  async function race(attack: Attack, target: string): Promise<number> {
    const path = join(app, 'config')
    attack.present?.(app)
    const { steps } = plan(
      module(attack.module),
      attack.given(path),
      attack.source === undefined ? {} : { source: attack.source },
    )
    expect(steps.length).to.be.greaterThan(0)
    const step = joinScripts(steps.map(({ script }) => script))
    const before = join(directory, 'before')
    execFileSync('cp', ['-a', app, before])
    const place = attack.below === undefined ? app : join(app, attack.below)
    const attacker =
      attack.flips === undefined
        ? await strike('swap.pl', [place, attack.prefix ?? '.hostwright-', target])
        : await strike('flip.pl', [place, attack.flips, target])
    const running = start(contest(step, before))
    const { stdout, code } = await running.ended
    await end(attacker)
    expect(code).to.equal(0)
    return stdout.split('\n').filter((line) => line === 'lost').length
  }

  /** Attempt after attempt; each that changes something of root's is counted, and made good. */
  function contest(step: Script, before: string): Script {
    const script = sh`
      app=${app} file=${victimFile} folder=${victimDirectory} before=${before}
      state() {
        stat -c %n:%u:%a "$file" "$folder" "$folder"/* "$folder"/.[!.]* 2>/dev/null || :
        cat "$file" "$folder"/page
      }
      saved=$(state)
      for attempt in $(seq ${attempts}); do
        sh -eu ${attach('step', step.text)} >/dev/null 2>&1 || :
        if [ "$(state)" != "$saved" ]; then
          echo lost
          rm -rf "$file" "$folder"
          printf ${secret} >"$file"
          mkdir "$folder"
          printf ${secret} >"$folder/page"
          chmod 0600 "$file" "$folder/page"
          chmod 0700 "$folder"
        fi
        find "$app" -mindepth 1 ! -name '.bait*' ! -name config ! -path "$app/config/file*" -delete 2>/dev/null || :
        if [ -d "$before/config" ] && [ ! -h "$app/config" ]; then
          chown -h nobody "$app/config" "$app/config"/file* 2>/dev/null || :
        else
          # the attacker goes on meanwhile
          rm -rf "$app/config" || :
          if [ -e "$before/config" ]; then cp -aT "$before/config" "$app/config" 2>/dev/null || :; fi
        fi
      done
    `
    return { ...script, attachments: new Map([...script.attachments, ...step.attachments]) }
  }

  async function strike(program: string, words: readonly string[]): Promise<ChildProcess> {
    const copied = join(directory, program)
    copyFileSync(new URL(`../attack/${program}`, import.meta.url).pathname, copied)
    const attacker = spawn('runuser', ['-u', 'nobody', '--', 'perl', copied, ...words], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    })
    await once(attacker.stdout, 'data')
    attacker.stdout.resume()
    return attacker
  }

  async function end(attacker: ChildProcess): Promise<void> {
    const ended = once(attacker, 'close')
    process.kill(-(attacker.pid ?? 0), 'SIGKILL')
    await ended
  }
})

function module(name: string): AnyModule {
  const found = modules.get(name)
  if (found?.type !== 'module') throw new Error(`no module ${name}`)
  return found
}
