import { expect } from 'chai'

import { hostsFor, reachableFromInside } from '../../../src/sandbox/network/resolver.ts'

describe('reachableFromInside', () => {
  const upstream = 'nameserver 192.0.2.53\n'

  it('keeps a name server that is not on the loopback', () => {
    expect(reachableFromInside('nameserver 198.51.100.1\n', upstream)).to.equal('nameserver 198.51.100.1\n')
  })

  it('replaces a name server on the loopback by its upstream servers', () => {
    expect(reachableFromInside('nameserver 127.0.0.53\noptions edns0\n', upstream)).to.equal(upstream)
  })
})

describe('hostsFor', () => {
  it("contains the machine's own name, and the outer machine's entries except for itself", () => {
    const outer = [
      '127.0.0.1 localhost',
      '127.0.1.1 outer',
      '# 192.0.2.1 comment',
      '192.0.2.7 mirror',
      'ff02::1 all',
      '',
    ]
    expect(hostsFor('web', outer.join('\n')).split('\n')).to.deep.equal([
      '127.0.0.1 localhost',
      '127.0.1.1 web',
      '::1 localhost ip6-localhost ip6-loopback',
      '192.0.2.7 mirror',
      '',
    ])
  })
})
