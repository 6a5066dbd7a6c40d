import { expect } from 'chai'

import { locateRepository } from '../../../src/deploy/repository/repository-location.ts'

describe('the location of a repository', () => {
  const located: readonly [given: string, url: string, name: string][] = [
    ['https://git.example.com/team/shop.git', 'https://git.example.com/team/shop.git', 'shop'],
    ['ssh://git@git.example.com:2222/shop', 'ssh://git@git.example.com:2222/shop', 'shop'],
    ['git@git.example.com:team/shop.git', 'git@git.example.com:team/shop.git', 'shop'],
    ['git.example.com:shop', 'git.example.com:shop', 'shop'],
    ['../shop/', '/srv/shop', 'shop'],
    ['.', '/srv/infra', 'infra'],
    ['/srv/git/shop.git', '/srv/git/shop.git', 'shop'],
    ['/srv/shop/.git', '/srv/shop/.git', 'shop'],
    ['/srv/a shop:1', '/srv/a shop:1', '1'],
  ]
  for (const [given, url, name] of located)
    it(`resolves ${given} to ${url}`, () => {
      const location = locateRepository(given, '/srv/infra')
      expect(location.url).to.equal(url)
      expect(location.id).to.match(new RegExp(`^${name}-[0-9a-f]{12}$`))
    })

  it('shows no password, and gives a repository an id that does not depend on it', () => {
    const withToken = (token: string) =>
      locateRepository(`https://ci:${token}@git.example.com/shop.git`, '/srv/infra')
    expect(withToken('secret1').shown).to.equal('https://git.example.com/shop.git')
    expect(withToken('secret1').id).to.equal(withToken('secret2').id)
    expect(withToken('secret1').url).to.equal('https://git.example.com/shop.git')
    expect(withToken('secret1').credentials).to.include({ user: 'ci', password: 'secret1' })
  })

  it('gives different ids to repositories of the same name', () => {
    expect(locateRepository('/a/shop', '/').id).to.not.equal(locateRepository('/b/shop', '/').id)
  })

  for (const given of ['', '-u', '--upload-pack=touch /tmp/x', 'ext::sh -c whoami', 'EXT::sh', 'fd::17'])
    it(`rejects ${JSON.stringify(given)}`, () => {
      expect(() => locateRepository(given, '/srv/infra')).to.throw('invalid repository')
    })
})
