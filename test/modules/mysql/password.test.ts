import { expect } from 'chai'

import { matchesCachingSha2, nativePasswordHash } from '../../../src/modules/mysql/password.ts'

/** Passwords, with the hashes that MySQL 9.7 stored for them, from SELECT HEX(authentication_string). */
const vectors = [
  {
    password: 'correct horse',
    stored:
      '244124303041246E2D20431B73676E3219506E3862266D076239653634584F54646F30567872534D336871646E4A313839716B69626159304D76396A63575047446C63393038',
  },
  {
    password: '0123456789012345678901234567890123456789012345678901234567890123456789',
    stored:
      '2441243030412401794025385E17460A656818251F7F607128653878444178666C6E647659507A6638354841434A764E736D7A2F63376D35496D796E32396E466C722F687142',
  },
  {
    password: 'x',
    stored:
      '2441243030412467422C1629031A5C6022761016055F5B324A3831644E30376C706444377A612E444A686D6B5362734234567A3143474C61453669662E485838384971797039',
  },
]

describe('MySQL password hashes', () => {
  for (const { password, stored } of vectors) {
    const hash = Buffer.from(stored, 'hex').toString('latin1')

    it(`matches a hash of caching_sha2_password with its password ${password}`, () => {
      expect(matchesCachingSha2(hash, password)).to.equal(true)
    })

    it(`does not match a hash of caching_sha2_password with another password than ${password}`, () => {
      expect(matchesCachingSha2(hash, `${password}!`)).to.equal(false)
      expect(matchesCachingSha2(hash, '')).to.equal(false)
    })
  }

  it('matches an empty password only with an empty hash', () => {
    expect(matchesCachingSha2('', '')).to.equal(true)
    expect(matchesCachingSha2('', 'x')).to.equal(false)
  })

  it('does not compare a hash of another scheme than caching_sha2_password', () => {
    expect(matchesCachingSha2('*B69027D44F6E5EDC07F1AEAD1477967B16F28227', 'x')).to.equal(undefined)
  })

  it('computes the same hash of mysql_native_password as a server', () => {
    expect(nativePasswordHash('x')).to.equal('*B69027D44F6E5EDC07F1AEAD1477967B16F28227')
    expect(nativePasswordHash('')).to.equal('')
  })
})
