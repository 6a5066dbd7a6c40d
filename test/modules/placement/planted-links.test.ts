import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { TaskFailure } from '../../../src/errors.ts'
import type { AnyModule } from '../../../src/modules/definition/module.ts'
import { modules } from '../../../src/modules/index.ts'
import { crontab } from '../../../src/state/crontab.ts'
import type { Reads } from '../../../src/state/definition/key.ts'
import { match } from '../../../src/state/line-match.ts'
import { path as pathKind } from '../../../src/state/path.ts'
import { sysctl } from '../../../src/state/sysctl.ts'
import { staleReading } from '../../../src/state/swap/stale-reading.ts'
import { asRoot, converge, settled, plan, readState, run, shells } from '../harness.ts'

/** The user `nobody` on Debian, the owner of the application's directory. */
const otherUser = 65534
const secret = 'root:secret:1::\n'

const edits: Readonly<Record<string, (path: string) => object>> = {
  lineinfile: (path) => ({ path, line: 'new', create: true }),
  blockinfile: (path) => ({ path, block: 'new', create: true }),
  replace: (path) => ({ path, regexp: 'secret', replace: 'new' }),
  ini_file: (path) => ({ path, option: 'new', value: '1' }),
  'file of an owner': (path) => ({ path, owner: 'nobody', mode: '0644' }),
  'file touch': (path) => ({ path, state: 'touch', owner: 'nobody' }),
  'copy with follow': (dest) => ({ dest, content: 'new', follow: true }),
  sysctl: (path) => ({ name: 'kernel.ostype', value: '1', sysctl_file: path, reload: false }),
  cron: (path) => ({ name: 'a', job: 'b', user: 'root', cron_file: path }),
}

const ownershipOnly = ['file of an owner', 'file touch']

/** Entries without content, or with endless content. */
const unreadable: Readonly<Record<string, (path: string) => void>> = {
  'a FIFO': (path) => void execFileSync('mkfifo', [path]),
  'an endless device': (path) => void execFileSync('mknod', [path, 'c', '1', '5']),
  'a symlink to an endless device': (path) => {
    symlinkSync('/dev/zero', path)
  },
}

describe('A path in the directory of another user', () => {
  let directory: string
  let app: string
  let victim: string

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "it's planted "))
    chmodSync(directory, 0o755)
    app = join(directory, 'app')
    mkdirSync(app)
    chownSync(app, otherUser, otherUser)
    victim = join(directory, 'victim')
    writeFileSync(victim, secret, { mode: 0o600 })
  })

  afterEach(() => {
    const { uid, mode } = lstatSync(victim)
    rmSync(directory, { recursive: true, force: true })
    expect([uid, mode & 0o7777]).to.deep.equal([0, 0o600])
  })

  function refused(name: string, given: object): void {
    expect(() => plan(module(name), given)).to.throw(TaskFailure, /is refused: .*user nobody/)
    expect(readFileSync(victim, 'utf8')).to.equal(secret)
  }

  for (const [name, given] of Object.entries(edits)) {
    asRoot(`is refused as a symlink to a file of root: ${name}`, () => {
      symlinkSync(victim, join(app, 'config'))
      refused(name, given(join(app, 'config')))
    })

    asRoot(`is refused as a hard link of a file of root: ${name}`, () => {
      linkSync(victim, join(app, 'config'))
      refused(name, given(join(app, 'config')))
    })

    asRoot(`is refused below a symlink to a directory of root: ${name}`, () => {
      symlinkSync(directory, join(app, 'sub'))
      refused(name, given(join(app, 'sub/victim')))
    })
  }

  asRoot('is refused as a symlink to a directory of root', () => {
    symlinkSync(directory, join(app, 'sub'))
    const path = join(app, 'sub')
    refused('file', { path, state: 'directory', owner: 'nobody' })
    refused('file', { path, state: 'directory', owner: 'nobody', recurse: true })
    refused('file', { path: `${path}/new`, state: 'directory' })
    refused('file', { path: `${path}/victim`, state: 'absent' })
    refused('file', { path: `${path}/link`, state: 'link', src: 'x' })
    refused('copy', { dest: `${path}/x`, content: 'x' })
  })

  asRoot('is refused if a symlink of root points to a symlink of the user', () => {
    symlinkSync(victim, join(app, 'config'))
    symlinkSync(join(app, 'config'), join(directory, 'config'))
    refused('lineinfile', { path: join(directory, 'config'), line: 'new' })
  })

  asRoot('is refused as the source of a copy on the host', () => {
    symlinkSync(victim, join(app, 'config'))
    refused('copy', { src: join(app, 'config'), dest: join(directory, 'copy'), remote_src: true })
    rmSync(join(app, 'config'))
    linkSync(victim, join(app, 'config'))
    refused('copy', { src: join(app, 'config'), dest: join(directory, 'copy'), remote_src: true })
    refused('file', { src: join(app, 'config'), path: join(directory, 'copy'), state: 'hard' })
  })

  asRoot('is refused if a group or every user can write to the directory', () => {
    const shared = join(directory, 'shared')
    mkdirSync(shared)
    symlinkSync(victim, join(shared, 'config'))
    const given = { path: join(shared, 'config'), line: 'new' }
    for (const [mode, who] of [
      [0o775, 'group root'],
      [0o777, 'every user'],
    ] as const) {
      chmodSync(shared, mode)
      expect(() => plan(module('lineinfile'), given)).to.throw(TaskFailure, who)
    }
    chmodSync(shared, 0o755)
    expect(plan(module('lineinfile'), given).changes).to.have.length(1)
  })

  for (const shell of shells) {
    asRoot(
      `is followed under ${shell} in a sticky directory only if the symlink belongs to root`,
      async () => {
        const shared = join(directory, 'shared')
        mkdirSync(shared)
        chmodSync(shared, 0o1777)
        const config = join(directory, 'config')
        writeFileSync(config, 'old\n')
        symlinkSync(config, join(shared, 'config'))
        const given = { path: join(shared, 'config'), line: 'new' }
        await converge(module('lineinfile'), given, { shell })
        expect(readFileSync(config, 'utf8')).to.equal('old\nnew\n')
        execFileSync('chown', ['-h', 'nobody', join(shared, 'config')])
        expect(() => plan(module('lineinfile'), { ...given, line: 'x' }, { shell })).to.throw(TaskFailure)
      },
    )

    asRoot(`is managed under ${shell} if it is a plain file`, async () => {
      const path = join(app, 'config')
      await converge(module('copy'), { dest: path, content: 'a\n', mode: '0600' }, { shell })
      await converge(module('lineinfile'), { path, line: 'b', backup: true }, { shell })
      await converge(module('file'), { path, owner: 'nobody', mode: '0640' }, { shell })
      await converge(
        module('file'),
        { path: join(app, 'a/b'), state: 'directory', owner: 'nobody' },
        { shell },
      )
      await converge(module('copy'), { dest: join(app, 'copy'), src: path, remote_src: true }, { shell })
      const { mode, uid } = statSync(path)
      expect([mode & 0o7777, uid, readFileSync(path, 'utf8')]).to.deep.equal([0o640, otherUser, 'a\nb\n'])
      expect(readFileSync(join(app, 'copy'), 'utf8')).to.equal('a\nb\n')
      await converge(module('file'), { path: join(app, 'a'), state: 'absent' }, { shell })
    })

    asRoot(`gets its owner and mode under ${shell} if it has become a directory meanwhile`, () => {
      const path = join(app, 'config')
      const given = { path, state: 'directory', owner: 'www-data', mode: '0750' }
      const { steps } = plan(module('file'), given, { shell })
      mkdirSync(path)
      writeFileSync(join(path, 'file'), 'x')
      for (const { script } of steps) expect(run(script, shell)).to.include({ code: 0, stderr: '' })
      expect([statSync(path).uid, statSync(path).mode & 0o7777]).to.deep.equal([33, 0o750])
      expect(readFileSync(join(path, 'file'), 'utf8')).to.equal('x')
    })

    asRoot(`is followed under ${shell} if it points to a file of the same user`, async () => {
      mkdirSync(join(app, 'dotfiles'))
      writeFileSync(join(app, 'dotfiles/profile'), 'a\n')
      symlinkSync('dotfiles/profile', join(app, '.profile'))
      execFileSync('chown', ['-hR', 'nobody', app])
      await converge(module('lineinfile'), { path: join(app, '.profile'), line: 'b' }, { shell })
      expect(readFileSync(join(app, 'dotfiles/profile'), 'utf8')).to.equal('a\nb\n')
      expect(readlinkSync(join(app, '.profile'))).to.equal('dotfiles/profile')
    })

    asRoot(`is changed under ${shell} with recurse, despite symlinks and other owners below`, async () => {
      mkdirSync(join(app, 'sub'))
      writeFileSync(join(app, 'sub/file'), '')
      writeFileSync(join(app, '.hidden'), '')
      symlinkSync(victim, join(app, 'sub/link'))
      const given = { path: app, state: 'directory', recurse: true, owner: 'www-data', mode: 'u=rwX,g=rX,o=' }
      await converge(module('file'), given, { shell })
      for (const name of ['', 'sub', 'sub/file', 'sub/link', '.hidden'])
        expect(lstatSync(join(app, name)).uid, name).to.equal(33)
      expect(statSync(join(app, 'sub/file')).mode & 0o777).to.equal(0o640)
      linkSync(victim, join(app, 'sub/hard'))
      expect(
        await settled(() => converge(module('file'), { ...given, owner: 'nobody' }, { shell })),
      ).to.throw(TaskFailure, 'hard links')
    })

    asRoot(`loses the user's access list if it is given to root under ${shell}`, async () => {
      const path = join(app, 'config')
      writeFileSync(path, 'old')
      chownSync(path, otherUser, otherUser)
      giveAccess('access', path)
      await converge(module('copy'), { dest: path, content: secret, owner: 'root', mode: '0640' }, { shell })
      expect(statSync(path).mode & 0o7777).to.equal(0o640)
      expect(readByOther(path).status).to.equal(1)
    })

    asRoot(`gets no content under ${shell} that the user can read by a default access list`, () => {
      giveAccess('default', app)
      const given = { dest: join(app, 'config'), content: secret, owner: 'root', mode: '0640' }
      const made = plan(module('copy'), given, { shell }).steps.map(({ script }) => run(script, shell))
      expect(readByOther(join(app, 'config')).status).to.equal(1)
      // the programs for access lists may be missing
      if (made[0]?.code !== 0) expect(made[0]?.stderr).to.include('default access list')
    })

    asRoot(`does not block a task under ${shell} if it is a FIFO`, async () => {
      const fifo = join(app, 'config')
      execFileSync('mkfifo', [fifo])
      chownSync(fifo, otherUser, otherUser)
      for (const name of ['lineinfile', 'blockinfile', 'replace', 'ini_file', 'copy with follow'])
        expect(() => plan(module(name), edits[name]?.(fifo), { shell })).to.throw(TaskFailure, 'is a fifo')
      await converge(module('file'), { path: fifo, owner: 'www-data', mode: '0600' }, { shell })
      expect(lstatSync(fifo).uid).to.equal(33)
      await converge(module('file'), { path: fifo, state: 'absent' }, { shell })
      const { steps } = plan(module('copy'), { dest: fifo, content: 'x', backup: true }, { shell })
      execFileSync('mkfifo', [fifo])
      for (const { script } of steps) expect(run(script, shell).code).to.equal(staleReading)
      expect(lstatSync(fifo).isFIFO()).to.equal(true)
    })

    for (const [thing, make] of Object.entries(unreadable))
      asRoot(`is not read under ${shell} if it is ${thing}`, () => {
        const path = join(app, 'config')
        make(path)
        const reads: Reads = {
          always: pathKind.key({ path, follow: true, sha256: true, content: 'always' }),
          unless: pathKind.key({ path, follow: true, content: { unless: '' } }),
          match: match.key({ path, pattern: 'x' }),
          crontab: crontab.key({ file: path }),
          sysctl: sysctl.key({ name: 'kernel.ostype', file: path }),
        }
        const state = readState(reads, shell)
        for (const name of ['always', 'unless']) expect(state[name]).to.not.have.nested.property('content')
        expect([state['match'], state['crontab']]).to.deep.equal([
          false,
          { writable: true, exists: false, content: '' },
        ])
        expect(state['sysctl']).to.not.have.property('kept')
        for (const [name, given] of Object.entries(edits))
          if (!ownershipOnly.includes(name))
            expect(() => plan(module(name), given(path), { shell }), name).to.throw(TaskFailure)
      })

    asRoot(`is not read under ${shell} through a symlink that has just replaced it`, () => {
      const path = join(app, 'config')
      writeFileSync(path, 'mine')
      const questions = [{ path, follow: true, content: 'always' as const }]
      const script = pathKind.read(questions)
      const at = script.text.lastIndexOf('show ')
      const swap = `rm '${path.replaceAll("'", "'\\''")}'\nln -s '${victim.replaceAll("'", "'\\''")}' '${path.replaceAll("'", "'\\''")}'\n`
      const late = script.text.replace('dd if="$name"', `${swap}\ndd if="$name"`)
      expect(at).to.be.greaterThan(0)
      const done = run({ ...script, text: late }, shell)
      const [state] = pathKind.parse(done.stdout, questions)
      expect(readlinkSync(path)).to.equal(victim)
      expect(state).to.not.have.property('content')
      expect(done.stdout).to.not.contain(Buffer.from(secret).toString('base64').slice(0, 12))
    })
  }

  asRoot('is trusted if it belongs to the user of the task', () => {
    const own = join(directory, 'own')
    mkdirSync(own)
    writeFileSync(join(own, 'file'), 'x')
    symlinkSync('file', join(own, 'link'))
    execFileSync('chown', ['-hR', 'nobody:nogroup', own])
    chmodSync(own, 0o775)
    const questions = [{ path: join(own, 'link'), follow: true }]
    const script = join(directory, 'script')
    writeFileSync(script, pathKind.read(questions).text)
    const words = ['-u', 'nobody', '--', 'dash', '-eu', script]
    const done = spawnSync('runuser', words, { cwd: '/', encoding: 'utf8' })
    const [state] = pathKind.parse(done.stdout, questions)
    expect(state).to.not.have.any.keys('untrustedWriter', 'untrustedLink')
    expect(state).to.have.property('followed').that.does.not.have.any.keys('untrustedWriter', 'untrustedLink')
  })
})

function giveAccess(list: 'access' | 'default', path: string): void {
  execFileSync('perl', [`${import.meta.dirname}/../../attack/access-list.pl`, list, String(otherUser), path])
}

function readByOther(path: string): { readonly status: number | null } {
  return spawnSync('setpriv', [`--reuid=${otherUser}`, '--regid=1', '--clear-groups', 'cat', path])
}

function module(title: string): AnyModule {
  const found = modules.get(title.split(' ')[0] ?? '')
  if (found?.type !== 'module') throw new Error(`no module ${title}`)
  return found
}
