import { expect } from 'chai'
import fc from 'fast-check'

import { hostnameOf } from '../../../src/sandbox/machine/hostname.ts'
import { checkName, idOf } from '../../../src/sandbox/machine/machine-record.ts'

describe('the name of a throw-away machine', () => {
  for (const name of ['web', 'www.foobar.com', 'web_1', '10.0.0.1', 'Web-2'])
    it(`can be ${name}`, () => {
      expect(() => {
        checkName(name)
      }).to.not.throw()
    })

  for (const name of ['', '.', '..', '.hidden', '-v', 'a/b', '../etc', 'a b', 'a\nb', 'wéb', 'x'.repeat(129)])
    it(`cannot be ${JSON.stringify(name.slice(0, 20))}`, () => {
      expect(() => {
        checkName(name)
      }).to.throw('invalid name of a throw-away machine')
    })

  it('determines an id that is unique and short enough for an interface', () => {
    const name = fc.stringMatching(/^[\dA-Za-z][\w.-]{0,20}$/)
    fc.assert(
      fc.property(name, name, (one, other) => {
        expect(idOf(one)).to.match(/^hw-[0-9a-f]{12}$/)
        expect(idOf(one) === idOf(other)).to.equal(one === other)
      }),
    )
  })

  const hostnames = {
    'www.foobar.com': 'www.foobar.com',
    web_1: 'web-1',
    [`${'a'.repeat(62)}.com`]: 'a'.repeat(62),
  }
  for (const [name, hostname] of Object.entries(hostnames))
    it(`determines the host name ${hostname}`, () => {
      expect(hostnameOf(name)).to.equal(hostname)
    })
})
