import { expect } from 'chai'

import { firstUser, obstacleToIsolation } from '../../../src/sandbox/machine/isolation.ts'

const all = '         0          0 4294967295\n'

describe('obstacleToIsolation', () => {
  it('finds none if the kernel has user namespaces and all user IDs', () => {
    expect(obstacleToIsolation({ maximum: '96364\n', maps: [all, all] })).to.equal(undefined)
  })

  it('finds none in a container that includes the user IDs of a machine', () => {
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
    { why: 'disabled user namespaces', maximum: '0\n', maps: [all, all], said: 'turned off' },
    {
      why: 'a container with few user IDs',
      maximum: '9\n',
      maps: ['0 100000 65536\n', all],
      said: 'too few user IDs',
    },
    {
      why: 'a container that includes only some user IDs of a machine',
      maximum: '9\n',
      maps: [all, `0 0 ${firstUser + 65_535}\n`],
      said: 'too few user IDs',
    },
  ]
  for (const { why, said, ...namespaces } of table)
    it(`reports ${why}`, () => {
      expect(obstacleToIsolation(namespaces)).to.include(said)
    })
})
