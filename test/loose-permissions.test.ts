import { expect } from 'chai'

import { looseness } from '../src/loose-permissions.ts'

describe('The permissions of a file that holds a secret', () => {
  const cases: readonly [self: number, owner: number, mode: number, expected: string | undefined][] = [
    [1000, 1000, 0o100600, undefined],
    [1000, 1000, 0o100400, undefined],
    [1000, 1000, 0o100644, 'other users can read it (mode 0644): chmod 600 /s'],
    [1000, 1000, 0o100777, 'other users can change it (mode 0777): chmod 600 /s'],
    [1000, 0, 0o100640, undefined],
    [1000, 0, 0o100444, undefined],
    [1000, 0, 0o100664, 'other users can change it (mode 0664): chmod 600 /s'],
    [
      1000,
      1001,
      0o100640,
      'it belongs to another user (uid 1001): copy it to a file of your own with mode 0600',
    ],
    [0, 1000, 0o100600, undefined],
    [0, 1000, 0o100644, 'other users can read it (mode 0644): chmod 600 /s'],
    [0, 65534, 0o100666, 'other users can change it (mode 0666): chmod 600 /s'],
    [0, 0, 0o100644, 'other users can read it (mode 0644): chmod 600 /s'],
  ]
  const { getuid } = process

  afterEach(() => {
    if (getuid !== undefined) process.getuid = getuid
  })

  for (const [self, owner, mode, expected] of cases)
    it(`of ${owner} with mode ${(mode & 0o7777).toString(8)} are ${expected === undefined ? 'right' : 'refused'} for ${self}`, () => {
      process.getuid = () => self
      expect(looseness('/s', { uid: owner, mode })).to.equal(expected)
    })
})
