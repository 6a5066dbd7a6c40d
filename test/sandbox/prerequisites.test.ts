import { expect } from 'chai'

import { obstacleTo } from '../../src/sandbox/prerequisites.ts'

const able = { platform: 'linux', isRoot: true, hasApt: true, missing: [] }

describe('obstacleTo', () => {
  it('finds none for root on a Debian, also when something has to be installed', () => {
    expect(obstacleTo(able)).to.equal(undefined)
    expect(obstacleTo({ ...able, missing: ['nft'] })).to.equal(undefined)
  })

  const table = [
    { why: 'another system', outer: { ...able, platform: 'darwin' }, message: 'needs Linux, this is darwin' },
    { why: 'no root', outer: { ...able, isRoot: false }, message: 'needs root' },
    {
      why: 'no root, and packages that are missing, each once',
      outer: { ...able, isRoot: false, missing: ['systemd-nspawn', 'ssh', 'ssh-keygen'] },
      message: 'needs root and these packages: systemd-container, openssh-client',
    },
    {
      why: 'no apt to install what is missing',
      outer: { ...able, hasApt: false, missing: ['mmdebstrap', 'nft'] },
      message: 'needs what is not installed here: mmdebstrap, nft',
    },
  ]
  for (const { why, outer, message } of table) {
    it(`names ${why}, and how to do without a throw-away machine`, () => {
      const obstacle = obstacleTo(outer)
      expect(obstacle?.message).to.equal(`a throw-away machine ${message}`)
      expect(obstacle?.hint).to.include('hostwright run PLAYBOOK -i "HOST,"')
    })
  }
})
