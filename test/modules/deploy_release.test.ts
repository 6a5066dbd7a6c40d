import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  readdirSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'

import { TaskFailure } from '../../src/errors.ts'
import { deployRelease } from '../../src/modules/deploy_release.ts'
import { Application, scratchFolder } from './application.ts'
import { asRoot, converge, settled, plan, run, shells, start } from './harness.ts'

const id = '20260101T000000Z-abc1234'

describe('module deploy_release', () => {
  const scratch = scratchFolder()
  let application: Application
  beforeEach(() => {
    application = new Application(join(scratch.path, "it's shop"))
  })

  for (const shell of shells)
    describe(`under ${shell}`, () => {
      const release = (given: object = {}) =>
        converge(deployRelease, { ...application.given, id, ...given }, { shell })

      it('unpacks a release with its information and the digest of its configuration', async () => {
        const src = artifact({ 'index.php': '<?php', 'a/b c/d': 'deep', '-x': 'dash' })
        const information = { reference: 'refs/tags/v1', by: "it's ann" }
        const { changes, result } = await release({
          src,
          sha256: sha256(src),
          information,
          configuration: [1],
        })
        expect(changes).to.deep.equal([{ field: 'state', before: 'absent', after: 'ready' }])
        const path = application.at('releases', id)
        expect(result).to.deep.equal({ id, path })
        expect(readdirSync(path).sort()).to.deep.equal(['-x', 'a', 'index.php', 'release.json'])
        expect(text(path, 'a/b c/d')).to.equal('deep')
        const told = JSON.parse(text(path, 'release.json')) as object
        expect(told).to.deep.equal({ ...information, configuration: '080a9ed428559ef6' })
        expect(application.journal()).to.deep.equal([{ ...told, event: 'ready', release: id, run: 'run-1' }])
        expect(application.read().releases).to.have.length(1)
        expect(application.read().releases[0]).to.deep.include({ id, state: 'ready', information: told })
        expect((await release({ src, information, configuration: [1] })).changes).to.deep.equal([])
      })

      it('shares directories and files of any depth between releases', async () => {
        write(application.at('shared/config/a.conf'), 'kept')
        const given = {
          src: artifact({ 'storage/first': '1', 'public/up loads/.hidden': '2', 'config/a.conf': 'mine' }),
          shared_directories: ['storage/', "public/up loads//it's/-deep", 'public/up loads/new'],
          shared_files: ['config/a.conf'],
        }
        await release(given)
        const path = application.at('releases', id)
        expect(readlinkSync(join(path, 'storage'))).to.equal('../../shared/storage')
        expect(text(path, 'storage/first')).to.equal('1')
        expect(text(path, 'config/a.conf')).to.equal('kept')
        for (const folder of ["public/up loads/it's/-deep", 'public/up loads/new']) {
          expect(lstatSync(join(path, folder)).isSymbolicLink()).to.equal(true)
          expect(readdirSync(join(path, folder))).to.deep.equal([])
          expect(statSync(join(path, folder)).ino).to.equal(statSync(application.at('shared', folder)).ino)
        }
        expect(text(path, 'public/up loads/.hidden')).to.equal('2')
        expect(readdirSync(application.at('shared')).sort()).to.deep.equal(['config', 'public', 'storage'])
      })

      it('fills a shared directory with the content of the first release only', async () => {
        await release({ src: artifact({ 'storage/a': 'first' }), shared_directories: ['storage'] })
        write(application.at('shared/storage/a'), 'by visitors')
        const src = artifact({ 'storage/a': 'second', 'storage/b': 'second' })
        await release({ id: 'second', src, shared_directories: ['storage'] })
        expect(text(application.at('releases/second/storage/a'))).to.equal('by visitors')
        expect(readdirSync(application.at('shared/storage'))).to.deep.equal(['a'])
      })

      asRoot(
        'sets the owner of a new shared directory and its entries, but not of the targets of symlinks',
        async () => {
          const outside = join(scratch.path, 'outside')
          write(outside, '')
          const src = artifact({ 'storage/a': '', 'storage/link': { target: outside } })
          await release({ src, shared_directories: ['storage'], shared_owner: 'daemon:daemon' })
          const storage = application.at('shared/storage')
          for (const path of [storage, join(storage, 'a')])
            expect(statSync(path).uid, path).to.equal(statSync('/').uid + 1)
          expect(statSync(outside).uid).to.equal(0)
        },
      )

      describe('an artifact that is not plain', () => {
        for (const [entry, make, says] of [
          ['a named pipe', 'mkfifo odd', 'odd, which is not plain: fifo, mode 644, 1 hard links'],
          [
            'a file with two hard links',
            'echo a >a; ln a odd',
            ', which is not plain: regular file, mode 644, 2 hard links',
          ],
        ] as const)
          it(`rejects an artifact with ${entry}, and leaves nothing`, async () => {
            expect(await settled(() => release({ src: artifactMadeBy(make) }))).to.throw(says)
            expectNothing()
          })

        asRoot('rejects an artifact with a device, and leaves nothing', async () => {
          expect(await settled(() => release({ src: artifactMadeBy('mknod odd c 1 8') }))).to.throw(
            'odd, which is not plain: character',
          )
          expectNothing()
        })
      })

      asRoot('does not apply modes of the artifact that let others do more than read', async () => {
        const src = artifactMadeBy(
          'cp /bin/true tool; chmod 4757 tool; mkdir open; chmod 1777 open; chmod 0777 .',
        )
        try {
          await release({ src })
        } catch (error) {
          // BusyBox keeps these bits, and then the artifact is rejected
          expect(String(error)).to.match(/(tool|open), which is not plain: .* mode (4755|1755)/)
          expectNothing()
          return
        }
        const path = application.at('releases', id)
        expect(['', 'tool', 'open'].map((name) => statSync(join(path, name)).mode & 0o7777)).to.deep.equal([
          0o755, 0o755, 0o755,
        ])
      })

      asRoot('keeps the release private until its files are checked', async () => {
        const { steps } = plan(
          deployRelease,
          { ...application.given, id, src: artifact({ a: '1' }) },
          { shell },
        )
        const { process: unpacking, ended } = start(steps[0]!.script, shell, { programs: endlessTar() })
        await once(unpacking.stderr, 'data')
        expect(statSync(application.at('releases', `${id}.partial`)).mode & 0o777).to.equal(0o700)
        process.kill(-unpacking.pid!, 'SIGTERM')
        await ended
      })

      for (const [place, owned] of [
        ['in a directory of the application', 'storage'],
        ['behind a symlink', 'public/link'],
      ] as const)
        asRoot(`creates no shared directory ${place}`, async () => {
          mkdirSync(application.at('shared/public'), { recursive: true })
          mkdirSync(application.at('shared/storage'))
          chownSync(application.at('shared/storage'), nobody, nobody)
          symlinkSync(scratch.path, application.at('shared/public/link'))
          const given = {
            src: artifact({ [`${owned}/app/evil`]: '* * * * * root id' }),
            shared_directories: [`${owned}/app`],
            shared_owner: 'nobody',
          }
          const failure = await failureOf(() => release(given))
          expect(failure.message).to.match(
            new RegExp(
              `cannot create the shared directory .*/${owned}/app: .*/${owned} (belongs to nobody|is a symlink)`,
            ),
          )
          expect(failure.hint).to.equal(
            `create it as its user, then deploy again: runuser -u nobody -- mkdir -p ${application.at('shared', owned, 'app')}`,
          )
          expectNothing()
        })

      asRoot('links to a shared directory that the application created in its own directory', async () => {
        mkdirSync(application.at('shared/storage/app'), { recursive: true })
        chownSync(application.at('shared/storage'), nobody, nobody)
        await release({ src: artifact({ 'storage/app/a': '' }), shared_directories: ['storage/app'] })
        expect(readlinkSync(application.at('releases', id, 'storage/app'))).to.equal(
          '../../../shared/storage/app',
        )
        expect(readdirSync(application.at('shared/storage/app'))).to.deep.equal([])
      })

      it('creates a shared directory in a private directory, which it removes', async () => {
        mkdirSync(application.at('shared/.new-shared/left'), { recursive: true })
        await release({ src: artifact({ 'storage/a': '' }), shared_directories: ['storage'] })
        expect(readdirSync(application.at('shared/storage'))).to.deep.equal(['a'])
        expect(existsSync(application.at('shared/.new-shared'))).to.equal(false)
      })

      it('rejects an existing release with another commit or configuration', async () => {
        const wanted = { information: { revision: 'a' }, configuration: [1] }
        const src = artifact({ a: '1' })
        await release({ src, ...wanted })
        expect((await release({ src, ...wanted })).changes).to.deep.equal([])
        expect(await settled(() => release({ src, ...wanted, information: { revision: 'b' } }))).to.throw(
          `${application.at('releases', id)} already exists with another revision: a, not b`,
        )
        expect(await settled(() => release({ src, ...wanted, configuration: [2] }))).to.throw(
          'with another configuration: 080a9ed428559ef6, not',
        )
        application.release('by-hand')
        expect(await settled(() => release({ id: 'by-hand', src, ...wanted }))).to.throw(
          'with another revision: unknown, not a',
        )
      })

      it('leaves nothing of a corrupted artifact', async () => {
        const src = artifact({ a: '1' })
        expect(await settled(() => release({ src, sha256: 'ab'.repeat(32) }))).to.throw(
          `its SHA-256 is ${sha256(src)}, not ${'ab'.repeat(32)}`,
        )
        expectNothing()
      })

      it('leaves nothing of a truncated artifact', async () => {
        const src = artifact({ a: randomText(100_000) })
        truncateSync(src, Math.floor(statSync(src).size / 2))
        expect(await settled(() => release({ src }))).to.throw('exit code')
        expectNothing()
      })

      it('leaves nothing on a full disk', () => {
        const given = { ...application.given, id, src: artifact({ a: randomText(100_000) }) }
        const { steps } = plan(deployRelease, given, { shell })
        const { code } = run(steps[0]!.script, shell, {
          within: ['dash', '-c', 'trap "" XFSZ; ulimit -f 20; exec "$@"', 'dash'],
        })
        expect(code).not.to.equal(0)
        expectNothing()
      })

      it('leaves nothing if it is interrupted', async () => {
        const { steps } = plan(
          deployRelease,
          { ...application.given, id, src: artifact({ a: '1' }) },
          { shell },
        )
        const { process: unpacking, ended } = start(steps[0]!.script, shell, { programs: endlessTar() })
        await once(unpacking.stderr, 'data')
        expect(application.releases()).to.deep.equal([`${id}.partial`])
        process.kill(-unpacking.pid!, 'SIGTERM')
        expect((await ended).code).not.to.equal(0)
        expectNothing()
      })

      it('replaces the remains of an earlier attempt', async () => {
        write(application.at(`releases/${id}.partial/old`), '')
        await release({ src: artifact({ a: '1' }) })
        expect(application.releases()).to.deep.equal([id])
        expect(existsSync(application.at('releases', id, 'old'))).to.equal(false)
      })

      it('changes nothing unless the run holds the lock', async () => {
        for (const lose of [
          () => {
            application.lock('another')
          },
          () => {
            application.unlock()
          },
        ]) {
          lose()
          expect(await settled(() => release({ src: artifact({ a: '1' }) }))).to.throw(
            `this run does not hold the deploy lock of ${application.root}: nothing was changed`,
          )
        }
        expectNothing()
      })

      it('does not write through a symlink in the artifact', async () => {
        const outside = join(scratch.path, 'outside')
        write(outside, 'untouched')
        await release({
          src: artifact({ 'release.json': { target: outside }, storage: { target: '/etc' } }),
          shared_directories: ['storage'],
        })
        expect(text(outside)).to.equal('untouched')
        expect(lstatSync(application.at('releases', id, 'release.json')).isFile()).to.equal(true)
        expect(readdirSync(application.at('shared/storage'))).to.deep.equal([])
      })

      it('does not share a path below a symlink in the artifact', async () => {
        write(join(scratch.path, 'outside/up'), 'untouched')
        const src = artifact({ public: { target: join(scratch.path, 'outside') } })
        expect(await settled(() => release({ src, shared_directories: ['public/up'] }))).to.throw(
          'public/up cannot be shared: public is a symlink in the release',
        )
        expect(text(scratch.path, 'outside/up')).to.equal('untouched')
        expectNothing()
      })
    })

  it('fails if a shared file is missing', () => {
    const given = { ...application.given, id, src: '/x', shared_files: ['a', '.env'] }
    write(application.at('shared/a'), '')
    expect(() => plan(deployRelease, given)).to.throw(
      `missing shared files: ${application.at('shared/.env')}`,
    )
    symlinkSync('nowhere', application.at('shared/.env'))
    expect(() => plan(deployRelease, given)).to.throw('missing shared files')
  })

  it('fails for a site that was not deployed', () => {
    mkdirSync(application.at('current'))
    expect(() => plan(deployRelease, { ...application.given, id, src: '/x' })).to.throw(
      `${application.root}/current is not a symlink to a release`,
    )
  })

  for (const hostile of [
    '',
    '.',
    '..',
    '-rf',
    'a/b',
    '../a',
    'a b',
    'a\nb',
    '$(id)',
    'a.partial',
    '.hidden',
    'ä',
  ])
    it(`rejects the id ${JSON.stringify(hostile)}`, () => {
      expect(accepts({ id: hostile })).to.equal(false)
    })

  for (const hostile of [
    '',
    '/',
    '/etc',
    '..',
    'a/../b',
    'a/..',
    '.',
    './a',
    'a/./b',
    'release.json',
    'fpm.sock',
  ])
    it(`rejects the shared path ${JSON.stringify(hostile)}`, () => {
      expect(accepts({ shared_directories: [hostile] })).to.equal(false)
      expect(accepts({ shared_files: [hostile] })).to.equal(false)
    })

  for (const [paths, says] of [
    [['a', 'a'], "'a' is shared twice"],
    [['a', 'a-b', 'a/b'], "'a/b' is in 'a', which is shared"],
    [['b/c', 'b'], "'b/c' is in 'b', which is shared"],
  ] as const)
    it(`rejects shared paths that contain each other: ${paths.join(', ')}`, () => {
      const given = {
        ...application.given,
        id,
        src: '/x',
        shared_directories: paths.slice(1),
        shared_files: [paths[0]],
      }
      expect(deployRelease.params.safeParse(given).error?.message).to.contain(says)
    })

  it('accepts shared paths with similar names', () => {
    expect(accepts({ shared_directories: ['a', 'a-b', 'ab', '..a/...', '-x'] })).to.equal(true)
  })

  function accepts(given: object): boolean {
    return deployRelease.params.safeParse({ ...application.given, id, src: '/x', ...given }).success
  }

  function expectNothing(): void {
    expect(application.releases()).to.deep.equal([])
    expect(application.journal()).to.deep.equal([])
  }

  /** Creates a tar.gz with these files. */
  function artifact(files: Readonly<Record<string, string | { readonly target: string }>>): string {
    const folder = join(scratch.path, `content ${contents++}`)
    for (const [name, content] of Object.entries(files))
      if (typeof content === 'string') write(join(folder, name), content)
      else {
        mkdirSync(dirname(join(folder, name)), { recursive: true })
        symlinkSync(content.target, join(folder, name))
      }
    const file = `${folder}.tar.gz`
    execFileSync('tar', ['-czf', file, '-C', folder, '.'])
    return file
  }

  /** Creates a tar.gz of the files that a script leaves in its working directory. */
  function artifactMadeBy(script: string): string {
    const folder = join(scratch.path, `content ${contents++}`)
    mkdirSync(folder)
    execFileSync('sh', ['-euc', script], { cwd: folder })
    const file = `${folder}.tar.gz`
    execFileSync('tar', ['-czf', file, '-C', folder, '.'])
    return file
  }

  /** Creates a directory with a tar that reports its start and never ends. */
  function endlessTar(): string {
    const programs = join(scratch.path, 'programs')
    write(join(programs, 'tar'), '#!/bin/sh\necho unpacking >&2\nexec sleep 1000\n')
    chmodSync(join(programs, 'tar'), 0o755)
    return programs
  }
})

let contents = 0

const nobody = 65534

async function failureOf(action: () => Promise<unknown>): Promise<TaskFailure> {
  try {
    await action()
  } catch (error) {
    if (error instanceof TaskFailure) return error
    throw error
  }
  throw new Error('it did not fail')
}

function write(file: string, content: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
}

function text(...parts: readonly string[]): string {
  return readFileSync(join(...parts), 'utf8')
}

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

/** Returns a string that cannot be compressed much. */
function randomText(length: number): string {
  let text = ''
  while (text.length < length) text += createHash('sha256').update(text).digest('hex')
  return text
}
