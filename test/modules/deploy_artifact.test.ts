import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'

import { deployArtifact } from '../../src/modules/deploy_artifact.ts'
import { scratchFolder } from './application.ts'
import { converge, settled, plan, shells } from './harness.ts'

describe('module deploy_artifact', () => {
  const scratch = scratchFolder()
  let repository: string
  let cache: string
  beforeEach(() => {
    repository = join(scratch.path, "it's.git")
    cache = join(scratch.path, "the cache's", 'deep')
  })

  for (const shell of shells)
    describe(`under ${shell}`, () => {
      const make = (given: object) => converge(deployArtifact, { repository, cache, ...given }, { shell })

      it('packs the files of a commit once', async () => {
        const revision = commit({
          'index.php': '<?php',
          'a b/c': 'deep',
          '.gitattributes': '/tests export-ignore',
          'tests/a': '',
        })
        const { changes, result } = await make({ revision })
        expect(changes).to.deep.equal([{ field: 'state', before: 'absent', after: 'built' }])
        expect(result['path']).to.equal(join(cache, readdirSync(cache)[0]!))
        expect(result['sha256']).to.match(/^[0-9a-f]{64}$/)
        expect(result['size']).to.be.above(0)
        expect(contentOf(result)).to.deep.equal({
          '.gitattributes': '/tests export-ignore',
          'a b/c': 'deep',
          'index.php': '<?php',
        })
        const again = await make({ revision })
        expect(again.changes).to.deep.equal([])
        expect(again.result).to.deep.equal(result)
      })

      it('packs the results of the build commands, which run one after the other', async () => {
        const revision = commit({ 'src/a': 'source' })
        const { result } = await make({
          revision,
          build: [
            `mkdir out; printf '%s' "it's $(cat src/a)" >out/a`,
            '-x 2>/dev/null || cd out && echo more >>a; rm -r ../src',
          ],
        })
        expect(contentOf(result)).to.deep.equal({ 'out/a': "it's sourcemore\n" })
      })

      it('makes another artifact for other build commands', async () => {
        const revision = commit({ a: '1' })
        const { result: plain } = await make({ revision })
        const { result: built } = await make({ revision, build: ['echo 2 >a'] })
        expect(plain['path']).not.to.equal(built['path'])
        expect([contentOf(plain), contentOf(built)]).to.deep.equal([{ a: '1' }, { a: '2\n' }])
      })

      it('makes no artifact if a build command fails, and shows its output', async () => {
        const revision = commit({ a: '1' })
        const build = ['echo compiling; echo "it is broken" >&2; false', 'echo never >never']
        expect(await settled(() => make({ revision, build }))).to.throw(/compiling[^]*it is broken/)
        expect(readdirSync(cache)).to.deep.equal([])
      })

      it('requires composer for a commit with a composer.json', async function () {
        if (spawnSync('composer', ['--version']).error === undefined) this.skip()
        const revision = commit({ 'composer.json': '{}' })
        expect(await settled(() => make({ revision }))).to.throw(
          'the commit has a composer.json, but composer is not installed on this machine',
        )
        expect(readdirSync(cache)).to.deep.equal([])
      })

      it('runs composer before the build', async () => {
        // a fake is enough: only its arguments and its working directory matter
        const revision = commit({ 'composer.json': '{}' })
        const programs = join(scratch.path, 'programs')
        write(
          join(programs, 'composer'),
          '#!/bin/sh\nmkdir vendor && printf "%s\\n" "$@" >vendor/asked\n',
          0o755,
        )
        const path = process.env['PATH']
        process.env['PATH'] = `${programs}:${path}`
        try {
          const { result } = await make({ revision, build: ['mv vendor/asked asked'] })
          expect(contentOf(result)['asked']?.trim().split('\n')).to.deep.equal([
            ...['install', '--no-dev', '--prefer-dist', '--no-interaction', '--no-progress'],
            '--optimize-autoloader',
          ])
        } finally {
          process.env['PATH'] = path
        }
      })

      it('sets plain modes, whatever the commit and its build have', async () => {
        const revision = commit({ a: '1', 'd/b': '2' })
        const build = [
          'chmod 4757 a; chmod 1777 d; chmod 600 d/b; echo x >run; chmod 700 run; ln -s /etc/shadow link',
        ]
        expect(modesOf((await make({ revision })).result)).to.deep.equal({
          a: '-rw-r--r--',
          'd/': 'drwxr-xr-x',
          'd/b': '-rw-r--r--',
        })
        expect(modesOf((await make({ revision, build })).result)).to.deep.equal({
          ...{ './': 'drwxr-xr-x', './a': '-rwxr-xr-x', './d/': 'drwxr-xr-x', './d/b': '-rw-r--r--' },
          ...{ './run': '-rwxr-xr-x', './link': 'lrwxrwxrwx' },
        })
      })

      it('copies files with several hard links, and does not change the other links', async () => {
        const outside = join(scratch.path, 'store')
        write(outside, 'package', 0o600)
        const revision = commit({ a: '1' })
        const { result } = await make({
          revision,
          build: [`ln '${outside.replaceAll("'", "'\\''")}' linked; ln linked again`],
        })
        expect(modesOf(result)).to.include({ './linked': '-rw-r--r--', './again': '-rw-r--r--' })
        expect(contentOf(result)).to.deep.equal({ a: '1', again: 'package', linked: 'package' })
        expect(statSync(outside).mode & 0o777).to.equal(0o600)
      })

      for (const [type, command] of [
        ['fifo', 'mkfifo odd'],
        ['socket', 'python3 -c "import socket; socket.socket(socket.AF_UNIX).bind(\'odd\')"'],
      ] as const)
        it(`makes no artifact if the build leaves a ${type}, and names it`, async () => {
          const build = ['mkdir d', `cd d; ${command}`]
          expect(await settled(() => make({ revision: commit({ a: '1' }), build }))).to.throw(
            `the build left d/odd, which is a ${type}`,
          )
          expect(readdirSync(cache)).to.deep.equal([])
        })

      describe('environment', () => {
        const names = ['SSH_AUTH_SOCK', 'GITHUB_TOKEN', 'HOSTWRIGHT_TEST']
        const before = process.env
        beforeEach(() => {
          process.env = { ...before, ...Object.fromEntries(names.map((name) => [name, 'of the operator'])) }
        })
        afterEach(() => {
          process.env = before
        })
        const variablesOf = (text: string | undefined) =>
          (text ?? '')
            .match(/^\w+(?==)/gm)
            ?.filter((name) => name !== '_' && name !== 'PWD' && name !== 'SHLVL' && name !== 'OLDPWD')
            .sort()

        it('passes only a few variables of the operator to the build', async () => {
          const { result } = await make({ revision: commit({ a: '1' }), build: ['env >env'] })
          expect(variablesOf(contentOf(result)['env'])).to.deep.equal([
            'HOME',
            'LANG',
            'LOGNAME',
            'PATH',
            'SHELL',
            'TMPDIR',
            'USER',
          ])
        })

        it('passes the variables of the playbook to the build and composer, but not as arguments', async () => {
          const programs = join(scratch.path, 'programs')
          write(
            join(programs, 'composer'),
            '#!/bin/sh\nenv >env; cat /proc/[0-9]*/cmdline | tr "\\0" " " >arguments; echo "$@" >asked\n',
            0o755,
          )
          process.env['PATH'] = `${programs}:${process.env['PATH']}`
          const environment = { A: "it's\n$(id)", B: 'unlikely-in-arguments' }
          const revision = commit({ 'composer.json': '{}' })
          const content = contentOf(
            (await make({ revision, environment, build: ['printf %s "$A" >a'] })).result,
          )
          expect(variablesOf(content['env']))
            .to.include.members(['A', 'B', 'HOME', 'PATH'])
            .and.not.include.members(names)
          expect(content['a']).to.equal(environment.A)
          expect(content['arguments']).not.to.contain(environment.B)
          expect(content['asked']).not.to.contain('--no-scripts')
          const plain = contentOf((await make({ revision, composer_scripts: false })).result)
          expect(plain['asked']).to.match(/ --no-plugins --no-scripts$/m)
        })
      })

      it('does not run composer with composer: false', async () => {
        const programs = join(scratch.path, 'programs')
        write(join(programs, 'composer'), '#!/bin/sh\nexit 1\n', 0o755)
        const path = process.env['PATH']
        process.env['PATH'] = `${programs}:${path}`
        try {
          const { result } = await make({ revision: commit({ 'composer.json': '{}' }), composer: false })
          expect(contentOf(result)).to.deep.equal({ 'composer.json': '{}' })
        } finally {
          process.env['PATH'] = path
        }
      })

      it('ignores artifacts of an earlier version in the cache', async () => {
        const revision = commit({ a: '1' })
        mkdirSync(cache, { recursive: true })
        for (const commands of ['[]', '["true"]']) {
          const recipe = createHash('sha256').update(commands).digest('hex').slice(0, 8)
          writeFileSync(join(cache, `${revision}-${recipe}.tar.gz`), 'of an earlier version')
        }
        expect(contentOf((await make({ revision })).result)).to.deep.equal({ a: '1' })
        expect(contentOf((await make({ revision, build: ['true'] })).result)).to.deep.equal({ a: '1' })
      })

      it('makes another artifact for another environment', async () => {
        const revision = commit({ a: '1' })
        const variants = [
          {},
          { environment: { A: '1' } },
          { environment: { A: '2' } },
          { composer: false },
          { composer_scripts: false },
        ]
        const paths = new Set<unknown>()
        for (const given of variants) paths.add((await make({ revision, ...given })).result['path'])
        expect(paths.size).to.equal(variants.length)
      })

      it('keeps only the newest artifacts in the cache', async () => {
        const revisions = ['1', '2', '3', '4'].map((text) => commit({ a: text }))
        mkdirSync(join(cache, '.build-dead'), { recursive: true })
        utimesSync(join(cache, '.build-dead'), 0, 0)
        for (const [index, revision] of revisions.entries()) {
          const { path } = (await make({ revision, keep: 2 })).result
          utimesSync(String(path), index, index)
        }
        expect(
          readdirSync(cache)
            .map((name) => name.slice(0, 40))
            .sort(),
        ).to.deep.equal(revisions.slice(2).sort())
      })

      it('fails for an unknown commit', async () => {
        commit({ a: '1' })
        expect(await settled(() => make({ revision: 'ab'.repeat(20) }))).to.throw('exit code 128')
        expect(readdirSync(cache)).to.deep.equal([])
      })
    })

  it('makes artifacts that no other user can read', async () => {
    const { result } = await converge(deployArtifact, {
      repository,
      cache,
      revision: commit({ a: '1' }),
      build: ['true'],
    })
    expect(plan(deployArtifact, { repository, cache, revision: commit({ b: '1' }) }).steps).to.have.length(1)
    expect(execFileSync('stat', ['-c', '%a', cache, String(result['path'])], { encoding: 'utf8' })).to.equal(
      '700\n600\n',
    )
  })

  for (const [given, says] of [
    [{ revision: 'main' }, 'expected the full hash of a commit'],
    [{ revision: 'AB'.repeat(20) }, 'expected the full hash of a commit'],
    [{ keep: 0 }, 'must be at least 1'],
    [{ environment: { 'A;id': '1' } }, 'expected the name of a variable'],
  ] as const)
    it(`rejects ${JSON.stringify(given)}`, () => {
      const valid = { repository: '/a.git', revision: 'ab'.repeat(20), cache: '/c' }
      expect(deployArtifact.params.safeParse({ ...valid, ...given }).error?.message).to.contain(says)
    })

  /** Creates a commit with only these files. Returns its hash. */
  function commit(files: Readonly<Record<string, string>>): string {
    const tree = join(scratch.path, 'tree')
    const git = (...words: string[]) =>
      execFileSync('git', ['-C', tree, `--git-dir=${repository}`, '--work-tree=.', ...words], {
        encoding: 'utf8',
        env: { ...process.env, ...author },
      }).trim()
    if (!existsSync(repository)) execFileSync('git', ['init', '-q', '--bare', repository])
    execFileSync('rm', ['-rf', tree])
    for (const [name, content] of Object.entries(files)) write(join(tree, name), content)
    git('add', '--all')
    git('commit', '-q', '--allow-empty', '-m', 'a commit')
    return git('rev-parse', 'HEAD')
  }

  /** Returns the modes that tar lists, by name. */
  function modesOf({ path }: Record<string, unknown>): Record<string, string> {
    const listing = execFileSync('tar', ['-tvzf', String(path)], { encoding: 'utf8' })
    const lines = listing
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ +/))
    return Object.fromEntries(lines.map(([mode = '', , , , , name = '']) => [name, mode]))
  }

  function contentOf({ path }: Record<string, unknown>): Record<string, string> {
    const folder = join(scratch.path, `unpacked ${unpacked++}`)
    mkdirSync(folder)
    execFileSync('tar', ['-xzf', String(path), '-C', folder])
    const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    return Object.fromEntries(
      files.sort().map((file) => [file.slice(folder.length + 1), readFileSync(file, 'utf8')]),
    )
  }
})

let unpacked = 0

const author = {
  ...{ GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@example.org' },
  ...{ GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@example.org', GIT_CONFIG_NOSYSTEM: '1' },
}

function write(file: string, content: string, mode = 0o644): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content, { mode })
}
