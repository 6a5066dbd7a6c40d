import { expect } from 'chai'
import fc from 'fast-check'
import { join } from 'node:path'

import { NothingMatchedError } from '../../src/errors.ts'
import { loadInventory } from '../../src/inventory/load-inventory.ts'
import { selectHosts } from '../../src/inventory/select-hosts.ts'
import { folderWith } from './inventory-folder.ts'

describe('host patterns', () => {
  const folder = folderWith({
    hosts:
      '[web]\nweb[1:4]\n[db]\ndb1\ndb2\n[staging]\nweb1\ndb1\n[empty]\n[other]\nwww.foobar.com\n2001:db8::1\n',
    limit: '# failed\nweb1\n\ndb*:!db2\n',
  })
  const inventory = loadInventory([join(folder.path, 'hosts')])
  const names = (pattern: string, limit?: string): string[] =>
    selectHosts(inventory, pattern, limit === undefined ? {} : { limit }).map((host) => host.name)
  after(folder.remove)

  const cases: [string, string[]][] = [
    ['web', ['web1', 'web2', 'web3', 'web4']],
    ['web3', ['web3']],
    ['web:db', ['web1', 'web2', 'web3', 'web4', 'db1', 'db2']],
    ['db,web1', ['db1', 'db2', 'web1']],
    [' db , web1 ', ['db1', 'db2', 'web1']],
    ['web:&staging', ['web1']],
    ['&staging:web', ['web1']],
    ['web:!web1:!web2', ['web3', 'web4']],
    ['!web1:web', ['web2', 'web3', 'web4']],
    ['all:!web:!other', ['db1', 'db2']],
    ['!web:!other', ['db1', 'db2']],
    ['&staging', ['web1', 'db1']],
    ['web:db:&staging:!db1', ['web1']],
    ['*.foobar.com', ['www.foobar.com']],
    ['w*', ['web1', 'web2', 'web3', 'web4', 'www.foobar.com']],
    ['web?', ['web1', 'web2', 'web3', 'web4']],
    ['*1', ['web1', 'db1', '2001:db8::1']],
    ['~(web|db)1', ['web1', 'db1']],
    ['~db', ['db1', 'db2']],
    ['~.*[24]$', ['web2', 'web4', 'db2']],
    ['web[0]', ['web1']],
    ['web[-1]', ['web4']],
    ['web[1:2]', ['web2', 'web3']],
    ['web[2:]', ['web3', 'web4']],
    ['web[0-1]', ['web1', 'web2']],
    ['web[0]:db[1]', ['web1', 'db2']],
    ['web[1:2]:!web[2]', ['web2']],
    ['2001:db8::1', ['2001:db8::1']],
    ['localhost', ['localhost']],
    ['localhost:web1', ['localhost', 'web1']],
  ]
  for (const [pattern, expected] of cases) {
    it(`${pattern} selects ${expected.join(' ')}`, () => {
      expect(names(pattern)).to.deep.equal(expected)
    })
  }

  it('all and * select every host', () => {
    expect(names('all')).to.deep.equal([...inventory.hosts.keys()])
    expect(names('*')).to.deep.equal([...inventory.hosts.keys()])
  })

  it('can be limited', () => {
    expect(names('web', 'staging')).to.deep.equal(['web1'])
    expect(names('web', '!web1')).to.deep.equal(['web2', 'web3', 'web4'])
    expect(names('all', `@${folder.path}/limit`)).to.deep.equal(['web1', 'db1'])
  })

  const mistakes: [string, string | undefined, string, string | undefined][] = [
    ['wbe', undefined, "no such host or group: 'wbe'", "did you mean 'web'?"],
    ['all:!wbe1', undefined, "no such host or group: 'wbe1'", "did you mean 'web1'?"],
    ['empty', undefined, "no host matches 'empty'", undefined],
    ['web[9]', undefined, "no host matches 'web[9]'", undefined],
    ['web[-9]', undefined, "no host matches 'web[-9]'", undefined],
    ['x*', undefined, "no host matches 'x*'", undefined],
    ['', undefined, "no host matches ''", undefined],
    [
      'web',
      'db',
      "no host of 'web' matches the limit 'db'",
      'use a limit that matches some of web1, web2, web3, web4',
    ],
    ['web', '', "no host of 'web' matches the limit ''", undefined],
    ['web', '@/nowhere', 'cannot read the limit /nowhere', undefined],
    ['~(', undefined, "invalid regular expression '~('", undefined],
  ]
  for (const [pattern, limit, message, hint] of mistakes) {
    it(`fail for ${pattern}${limit === undefined ? '' : ` limited to ${limit}`}`, () => {
      try {
        names(pattern, limit)
        expect.fail('nothing was thrown')
      } catch (error) {
        expect(error).to.be.instanceOf(NothingMatchedError)
        expect((error as Error).message).to.contain(message)
        if (hint !== undefined) expect(error).to.have.property('hint', hint)
      }
    })
  }

  it('are unions, intersections and differences of sets, in any order', () => {
    const group = fc.constantFrom('web', 'db', 'staging', 'other', 'all')
    fc.assert(
      fc.property(
        fc.array(group, { minLength: 1 }),
        fc.array(group),
        fc.array(group),
        fc.nat(),
        (joined, both, out, seed) => {
          const members = (name: string): readonly string[] => inventory.groups.get(name) ?? []
          const expected = [...inventory.hosts.keys()].filter(
            (host) =>
              joined.some((name) => members(name).includes(host)) &&
              both.every((name) => members(name).includes(host)) &&
              !out.some((name) => members(name).includes(host)),
          )
          const terms = [...joined, ...both.map((name) => `&${name}`), ...out.map((name) => `!${name}`)]
          const turned = [...terms.slice(seed % terms.length), ...terms.slice(0, seed % terms.length)]
          if (expected.length === 0) expect(() => names(turned.join(':'))).to.throw(NothingMatchedError)
          else expect(names(turned.join(':'))).to.have.members(expected)
        },
      ),
    )
  })
})
