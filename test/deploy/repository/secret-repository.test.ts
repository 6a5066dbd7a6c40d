import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'

import { remoteTags } from '../../../src/deploy/repository/remote-tags.ts'
import { locateRepository } from '../../../src/deploy/repository/repository-location.ts'
import { openRepository } from '../../../src/deploy/repository/repository.ts'
import { Secrets } from '../../../src/variables/secrets/secrets.ts'
import { CodeBase, failureOf, withoutGitConfiguration } from '../code-base.ts'
import { HttpRepository } from './http-repository.ts'

describe('the secret in the URL of a repository', () => {
  let codeBase: CodeBase
  let server: HttpRepository | undefined
  withoutGitConfiguration()
  beforeEach(async () => {
    codeBase = await CodeBase.make()
  })
  afterEach(async () => {
    await server?.close()
    server = undefined
    await codeBase.remove()
  })

  const urls: readonly [title: string, userInfo: string, path: string, protocol: string][] = [
    ['a password', 'ci:T0KENps99', '/shop.git', 'version=2'],
    ['a password, for a server with the old protocol', 'ci:T0KENps99', '/shop.git', ''],
    ['a password with special characters', 'ci:T0KEN%20%40%27%22%5C%24x', '/shop.git', 'version=2'],
    ['a password with @', 'us@er:p@T0KEN', '/shop.git', 'version=2'],
    ['a token as user name', 'T0KENps99', '/shop.git', 'version=2'],
    ['a token in the query', 'ci:T0KENps99', '/shop.git?token=T0KENquery', 'version=2'],
  ]
  for (const [title, userInfo, path, protocol] of urls)
    it(`keeps the secret in a URL out of command lines, file names and messages: ${title}`, async () => {
      const sha = await codeBase.release('v1')
      server = await HttpRepository.serve(codeBase.checkout, decodeURIComponent(userInfo), protocol)
      const secrets = new Secrets()
      const url = `http://${userInfo}@127.0.0.1:${server.port}${path}`
      const location = locateRepository(url, codeBase.folder, secrets)
      const said: string[] = []
      expect(await remoteTags(location)).to.deep.equal(new Map([['v1', sha]]))
      const repository = await openRepository(location, {
        folder: codeBase.folder,
        say: (line) => said.push(line),
      })
      expect(await repository.resolve({ kind: 'tag', name: 'v1' })).to.equal(sha)

      const files = await readdir(codeBase.folder, { recursive: true })
      expect([...server.commandLines].filter((line) => line.includes('T0KEN'))).to.deep.equal([])
      expect([...server.commandLines].filter((line) => line.includes('git-remote-http'))).not.to.be.empty
      expect([...files, ...said].filter((text) => text.includes('T0KEN'))).to.deep.equal([])
      expect(said).to.deep.equal([
        `fetching the full history of http://127.0.0.1:${server.port}/shop.git; later runs fetch only new commits`,
      ])
      expect(secrets.mask(url)).not.to.contain('T0KEN')
    })

  it('masks the secret in a URL in an error of git', async () => {
    server = await HttpRepository.serve(codeBase.checkout, 'ci:other', '')
    const { port } = server
    for (const given of [
      `http://ci:T0KENps99@127.0.0.1:${port}/shop.git`,
      `http://T0KENps99@127.0.0.1:${port}/shop.git`,
      `http://us@er:p@T0KEN@127.0.0.1:${port}/shop.git`,
      `http://127.0.0.1:${port}/shop.git?token=T0KENquery`,
    ]) {
      const secrets = new Secrets()
      const failure = await failureOf(remoteTags(locateRepository(given, '/', secrets)))
      const shown = secrets.mask(failure.message)
      expect(shown).to.contain(`git ls-remote --tags -- http://127.0.0.1:${port}/shop.git: exit code 128`)
      expect(shown).not.to.contain('T0KEN')
    }
  })

  it('does not send the password in a URL to another server', async () => {
    server = await HttpRepository.serve(codeBase.checkout, 'ci:T0KENps99', '')
    const { port } = server
    const redirecting = createServer((request, response) => {
      response.writeHead(302, { Location: `http://127.0.0.1:${port}${request.url ?? ''}` }).end()
    }).listen(0, 'localhost')
    await once(redirecting, 'listening')
    const { port: from } = redirecting.address() as AddressInfo
    await failureOf(remoteTags(locateRepository(`http://ci:T0KENps99@localhost:${from}/shop.git`, '/')))
    redirecting.close()
    expect(server.authorizations).to.deep.equal([])
    expect(server.commandLines.size).to.be.above(0)
  })

  it('hides the host and the name if the whole URL is a secret', () => {
    const secrets = new Secrets()
    secrets.add('https://git.example.com/team/hidden-shop.git')
    const location = locateRepository('https://git.example.com/team/hidden-shop.git', '/', secrets)
    expect(location.shown).to.equal('the secret repository')
    expect(location.id).to.match(/^repository-[0-9a-f]{12}$/)
  })

  it('hides the host and the name if a part of the path is a secret', () => {
    const secrets = new Secrets()
    secrets.add('T0KENpath')
    const location = locateRepository('https://git.example.com/T0KENpath/shop.git', '/', secrets)
    expect(location.shown + location.id)
      .not.to.contain('T0KEN')
      .and.not.contain('shop')
  })

  it('rejects a password for a protocol that does not use it', () => {
    for (const scheme of ['ssh', 'git'])
      expect(() => locateRepository(`${scheme}://git:T0KENps99@host/shop`, '/'))
        .to.throw(`has a password, which ${scheme} does not use`)
        .with.property('message')
        .that.does.not.contain('T0KEN')
  })
})
