import { expect } from 'chai'

import { obstacleTo } from '../../src/sandbox/prerequisites.ts'

const able = { platform: 'linux', isRoot: true, hasApt: true, missing: [] }

describe('obstacleTo', () => {
  it('finds none for root on Debian, even if packages must be installed', () => {
    expect(obstacleTo(able)).to.equal(undefined)
    expect(obstacleTo({ ...able, missing: ['nft'] })).to.equal(undefined)
  })

  const table = [
    { why: 'another system', outer: { ...able, platform: 'darwin' }, message: 'need Linux: this is darwin' },
    { why: 'no root', outer: { ...able, isRoot: false }, message: 'need root' },
    {
      why: 'no root, and each missing package once',
      outer: { ...able, isRoot: false, missing: ['systemd-nspawn', 'ssh', 'ssh-keygen'] },
      message: 'need root and the packages systemd-container, openssh-client',
    },
    {
      why: 'missing programs without apt',
      outer: { ...able, hasApt: false, missing: ['mmdebstrap', 'nft'] },
      message: 'need programs that are not installed: mmdebstrap, nft',
    },
  ]
  for (const { why, outer, message } of table) {
    it(`reports ${why}, with a hint about runs without throw-away machines`, () => {
      const obstacle = obstacleTo(outer)
      expect(obstacle?.message).to.equal(`throw-away machines ${message}`)
      expect(obstacle?.hint).to.include('hostwright run PLAYBOOK -i "HOST,"')
    })
  }
})
