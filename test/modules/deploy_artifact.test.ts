import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { expect } from 'chai'

import { deployArtifact } from '../../src/modules/deploy_artifact.ts'
import { scratchFolder } from './application.ts'
import { converge, plan, shells } from './harness.ts'

describe('the artifact of a commit', () => {
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

      it('is what git has of it, once', () => {
        const revision = commit({
          'index.php': '<?php',
          'a b/c': 'deep',
          '.gitattributes': '/tests export-ignore',
          'tests/a': '',
        })
        const { changes, result } = make({ revision })
        expect(changes).to.deep.equal([{ field: 'state', before: 'absent', after: 'built' }])
        expect(result['path']).to.equal(join(cache, readdirSync(cache)[0]!))
        expect(result['sha256']).to.match(/^[0-9a-f]{64}$/)
        expect(result['size']).to.be.above(0)
        expect(contentOf(result)).to.deep.equal({
          '.gitattributes': '/tests export-ignore',
          'a b/c': 'deep',
          'index.php': '<?php',
        })
        const again = make({ revision })
        expect(again.changes).to.deep.equal([])
        expect(again.result).to.deep.equal(result)
      })

      it('has in it what its build makes, with one command after the other', () => {
        const revision = commit({ 'src/a': 'source' })
        const { result } = make({
          revision,
          build: [
            `mkdir out; printf '%s' "it's $(cat src/a)" >out/a`,
            '-x 2>/dev/null || cd out && echo more >>a; rm -r ../src',
          ],
        })
        expect(contentOf(result)).to.deep.equal({ 'out/a': "it's sourcemore\n" })
      })

      it('of another build is another one', () => {
        const revision = commit({ a: '1' })
        const [plain, built] = [{ revision }, { revision, build: ['echo 2 >a'] }].map(
          (given) => make(given).result,
        )
        expect(plain!['path']).not.to.equal(built!['path'])
        expect([contentOf(plain!), contentOf(built!)]).to.deep.equal([{ a: '1' }, { a: '2\n' }])
      })

      it('whose build fails is none, and says why', () => {
        const revision = commit({ a: '1' })
        const build = ['echo compiling; echo "it is broken" >&2; false', 'echo never >never']
        expect(() => make({ revision, build })).to.throw(/compiling[^]*it is broken/)
        expect(readdirSync(cache)).to.deep.equal([])
      })

      it('of a commit with a composer.json needs composer', function () {
        if (spawnSync('composer', ['--version']).error === undefined) this.skip()
        const revision = commit({ 'composer.json': '{}' })
        expect(() => make({ revision })).to.throw(
          'the commit has a composer.json, but composer is not installed on this machine',
        )
        expect(readdirSync(cache)).to.deep.equal([])
      })

      it('has what composer installs, before the build', () => {
        // no test needs the real one: what matters is that it is asked, and where
        const revision = commit({ 'composer.json': '{}' })
        const programs = join(scratch.path, 'programs')
        write(join(programs, 'composer'), '#!/bin/sh\nmkdir vendor && echo "$@" >vendor/asked\n', 0o755)
        const path = process.env['PATH']
        process.env['PATH'] = `${programs}:${path}`
        try {
          const { result } = make({ revision, build: ['mv vendor/asked asked'] })
          expect(contentOf(result)['asked']).to.match(/^install --no-dev .*--no-interaction/)
        } finally {
          process.env['PATH'] = path
        }
      })

      it('stays in the cache with the newest others, and nothing else does', () => {
        const revisions = ['1', '2', '3', '4'].map((text) => commit({ a: text }))
        mkdirSync(join(cache, '.build-dead'), { recursive: true })
        utimesSync(join(cache, '.build-dead'), 0, 0)
        revisions.forEach((revision, index) => {
          const { path } = make({ revision, keep: 2 }).result
          utimesSync(String(path), index, index)
        })
        expect(
          readdirSync(cache)
            .map((name) => name.slice(0, 40))
            .sort(),
        ).to.deep.equal(revisions.slice(2).sort())
      })

      it('of what is no commit is none', () => {
        commit({ a: '1' })
        expect(() => make({ revision: 'ab'.repeat(20) })).to.throw('exit code 128')
        expect(readdirSync(cache)).to.deep.equal([])
      })
    })

  it("is nobody else's to read", () => {
    const { result } = converge(deployArtifact, {
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
  ] as const)
    it(`is refused as ${JSON.stringify(given)}`, () => {
      const valid = { repository: '/a.git', revision: 'ab'.repeat(20), cache: '/c' }
      expect(deployArtifact.params.safeParse({ ...valid, ...given }).error?.message).to.contain(says)
    })

  /** Makes a commit of just these files; returns its hash. */
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
