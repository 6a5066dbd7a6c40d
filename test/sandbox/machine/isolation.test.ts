import { expect } from 'chai'

import { firstUser, obstacleToIsolation } from '../../../src/sandbox/machine/isolation.ts'

const all = '         0          0 4294967295\n'

describe('obstacleToIsolation', () => {
  it('finds none where the kernel has user namespaces and all users', () => {
    expect(obstacleToIsolation({ maximum: '96364\n', maps: [all, all] })).to.equal(undefined)
  })

  it('finds none in a container that has the users of a machine too', () => {
    const map = `0 100000 65536\n${firstUser} 200000 65536\n`
    expect(obstacleToIsolation({ maximum: '1\n', maps: [map, map] })).to.equal(undefined)
  })

  const table = [
    {
      why: 'a kernel without user namespaces',
      maximum: undefined,
      maps: [all, all],
      said: 'has no user namespaces',
    },
    { why: 'user namespaces that are turned off', maximum: '0\n', maps: [all, all], said: 'turned off' },
    {
      why: 'a container with few users',
      maximum: '9\n',
      maps: ['0 100000 65536\n', all],
      said: 'too few user IDs',
    },
    {
      why: 'a container whose users end within those of a machine',
      maximum: '9\n',
      maps: [all, `0 0 ${firstUser + 65_535}\n`],
      said: 'too few user IDs',
    },
  ]
  for (const { why, said, ...namespaces } of table)
    it(`names ${why}`, () => {
      expect(obstacleToIsolation(namespaces)).to.include(said)
    })
})
