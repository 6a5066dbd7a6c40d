import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import type { AnyModule, Source } from '../../../src/modules/definition/module.ts'
import { modules } from '../../../src/modules/index.ts'
import { attach, joinScripts, sh, type Script } from '../../../src/target/sh.ts'
import { asRoot, plan, start } from '../harness.ts'

/** The user `nobody` on Debian, the owner of the application's directory. */
const application = { name: 'nobody', uid: 65534, gid: 65534, mode: 0o755 }
/** A user who can write to that directory as a member of its group. */
const webServer = { name: 'www-data', uid: 33, gid: 33, mode: 0o2775 }
/** The attacks in each of 25 races, which makes 300 attacks by each of two users. */
const attempts = 12
const secret = 'root:secret:1::\n'

type Attacker = typeof application

interface Attack {
  readonly title: string
  readonly module: string
  /** Returns the parameters for the path `app/config`. */
  readonly given: (path: string) => object
  readonly source?: Source
  /** The prefix of the names for which the attacker waits in the directory `app`, or in one below. */
  readonly prefix?: string
  /** The name that the attacker replaces by a symlink and back. */
  readonly flips?: string
  readonly below?: string
  /** Creates the content of `app` before the task. */
  readonly present?: (app: string, attacker: Attacker) => void
  /** Present if there is also a race with symlinks to a directory. */
  readonly toDirectory?: true
}

const file = (content: string): Source => ({
  type: 'file',
  path: '/x',
  content: Buffer.from(content),
  mode: '0644',
})
const owned = { owner: 'nobody', mode: '0644' }

function give(path: string, { gid, mode }: Attacker, content?: string): string {
  if (content === undefined) mkdirSync(path)
  else writeFileSync(path, content)
  chownSync(path, application.uid, gid)
  if (content === undefined) chmodSync(path, mode)
  return path
}

const config = (app: string, attacker: Attacker): void => {
  give(join(app, 'config'), attacker, '[main]\nold = 1\n')
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
    title: 'file directory with its parents',
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
    present(app, attacker) {
      give(join(app, 'config'), attacker)
      for (let index = 0; index < 4; index += 1) {
        give(join(app, 'config', `file${index}`), attacker, '')
        chmodSync(join(app, 'config', `file${index}`), 0o600)
      }
    },
    flips: 'file1',
    below: 'config',
  },
  { title: 'file link', module: 'file', given: (path) => ({ path, state: 'link', src: '/x', force: true }) },
  {
    title: 'file hard link',
    toDirectory: true,
    module: 'file',
    // in a directory of root, where the name itself is safe
    given: (path) => ({
      path: join(path, '../../hard'),
      state: 'hard',
      src: join(path, '../in/page'),
      ...owned,
    }),
    present(app, attacker) {
      give(join(app, 'in'), attacker)
      give(join(app, 'in', 'page'), attacker, 'page')
      chmodSync(join(app, 'in', 'page'), 0o600)
    },
    flips: 'in',
  },
  {
    title: 'file absent',
    toDirectory: true,
    module: 'file',
    given: (path) => ({ path, state: 'absent' }),
    present(app, attacker) {
      give(join(app, 'config'), attacker)
      give(join(app, 'config', 'page'), attacker, 'page')
    },
    flips: 'config',
  },
  {
    title: 'sysctl',
    module: 'sysctl',
    given: (path) => ({ name: 'kernel.ostype', value: 'x', sysctl_file: path, reload: false }),
  },
  {
    title: 'cron',
    module: 'cron',
    given: (path) => ({ name: 'a', job: 'b', user: 'root', cron_file: path }),
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
    present(app, attacker) {
      give(join(app, 'config'), attacker)
    },
    below: 'config',
    prefix: '',
  },
]

describe('A user who can write to the directory in which root works', () => {
  let directory: string
  let app: string
  let victimFile: string
  let victimDirectory: string

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'hostwright-attack-'))
    chmodSync(directory, 0o755)
    app = join(directory, 'app')
    victimFile = join(directory, 'victim')
    writeFileSync(victimFile, secret, { mode: 0o600 })
    victimDirectory = join(directory, 'victims')
    mkdirSync(victimDirectory, { mode: 0o700 })
    writeFileSync(join(victimDirectory, 'page'), secret, { mode: 0o600 })
  })

  afterEach(() => {
    rmSync(directory, { recursive: true, force: true })
  })

  for (const [role, attacker] of [
    ['as its owner', application],
    ['as a member of its group', webServer],
  ] as const)
    describe(role, () => {
      for (const attack of attacks)
        for (const target of ['a file', ...(attack.toDirectory === true ? ['a directory'] : [])])
          asRoot(`wins no race for ${target} of root: ${attack.title}`, async () => {
            const race = await compete(attack, attacker, target === 'a file' ? victimFile : victimDirectory)
            expect(race, `of ${attempts} attacks`).to.deep.equal({ attacked: attempts, won: 0 })
          }).timeout(120_000)
    })

  /** Counts the attempts that were under attack, and those in which a file of root changed. */
  async function compete(
    attack: Attack,
    attacker: Attacker,
    target: string,
  ): Promise<{ attacked: number; won: number }> {
    give(app, attacker)
    attack.present?.(app, attacker)
    const { steps } = plan(
      module(attack.module),
      attack.given(join(app, 'config')),
      attack.source === undefined ? {} : { source: attack.source },
    )
    expect(steps.length).to.be.greaterThan(0)
    const step = joinScripts(steps.map(({ script }) => script))
    const before = join(directory, 'before')
    execFileSync('cp', ['-a', app, before])
    const place = attack.below === undefined ? app : join(app, attack.below)
    const program =
      attack.flips === undefined
        ? strike(attacker, 'swap.pl', [place, attack.prefix ?? '.hostwright-', target])
        : strike(attacker, 'flip.pl', [place, attack.flips, target])
    const { stdout, stderr, code } = await start(contest(step, before, place, program.pid ?? 0)).ended
    await end(program)
    expect([code, stderr]).to.deep.equal([0, ''])
    const lines = stdout.split('\n')
    const count = (word: string): number => lines.filter((line) => line === word).length
    return { attacked: count('attacked'), won: count('lost') }
  }

  /**
   * Returns a script that repeats the step until enough attempts were under attack. The attacker is stopped while
   * everything is restored.
   */
  function contest(step: Script, before: string, place: string, attacker: number): Script {
    const script = sh`
      app=${app} file=${victimFile} folder=${victimDirectory} before=${before} place=${place} attacker=${attacker}
      swaps=${swapsOf(directory)}
      state() {
        stat -c %n:%u:%a "$file" "$folder" "$folder"/* "$folder"/.[!.]* 2>/dev/null || :
        cat "$file" "$folder"/page
      }
      stop() {
        kill -STOP "$attacker"
        until grep -q '^State:.T' "/proc/$attacker/status"; do :; done
      }
      until [ -s "$swaps" ]; do kill -0 "$attacker"; done
      stop
      saved=$(state) attacked=0 tries=0
      while [ "$attacked" -lt ${attempts} ] && [ "$tries" -lt ${20 * attempts} ]; do
        tries=$((tries + 1))
        seen=$(wc -c <"$swaps")
        kill -CONT "$attacker"
        sh -eu ${attach('step', step.text)} >/dev/null 2>&1 || :
        stop
        if [ "$(wc -c <"$swaps")" -gt "$seen" ]; then
          echo attacked
          attacked=$((attacked + 1))
        fi
        if [ "$(state)" != "$saved" ]; then
          echo lost
          rm -rf "$file" "$folder"
          printf ${secret} >"$file"
          mkdir "$folder"
          printf ${secret} >"$folder/page"
          chmod 0600 "$file" "$folder/page"
          chmod 0700 "$folder"
        fi
        find "$app" -mindepth 1 ! -name ".bait-$attacker" ! -path "$place" -delete
        cp -a "$before/." "$app/"
      done
    `
    return { ...script, attachments: new Map([...script.attachments, ...step.attachments]) }
  }

  /**
   * Starts an attacker, whose process is the program itself. It writes to a file when it is ready, and for each
   * attack.
   */
  function strike({ uid, gid }: Attacker, program: string, words: readonly string[]): ChildProcess {
    const copied = join(directory, program)
    copyFileSync(new URL(`../../attack/${program}`, import.meta.url).pathname, copied)
    const swaps = openSync(swapsOf(directory), 'a')
    const identity = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups']
    const attacker = spawn('setpriv', [...identity, 'perl', copied, ...words], {
      stdio: ['ignore', swaps, 'inherit'],
    })
    closeSync(swaps)
    return attacker
  }

  async function end(attacker: ChildProcess): Promise<void> {
    const ended = once(attacker, 'close')
    attacker.kill('SIGKILL')
    await ended
  }
})

function swapsOf(directory: string): string {
  return join(directory, 'swaps')
}

function module(name: string): AnyModule {
  const found = modules.get(name)
  if (found?.type !== 'module') throw new Error(`no module ${name}`)
  return found
}
