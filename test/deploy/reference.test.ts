import { expect } from 'chai'

import { describeReference, referenceFrom } from '../../src/deploy/reference.ts'

describe('the reference to deploy', () => {
  for (const name of ['v1.2.3', 'release/2026-01', 'v1.0.0-rc.1+build', 'größer', '1'])
    it(`accepts the tag ${name}`, () => {
      expect(referenceFrom({ tag: name })).to.deep.equal({ kind: 'tag', name })
    })

  it('accepts a branch or a revision', () => {
    expect(describeReference(referenceFrom({ branch: 'main' }))).to.equal('branch main')
    expect(describeReference(referenceFrom({ revision: 'ABCDEF1' }))).to.equal('revision abcdef1')
  })

  it('requires exactly one reference', () => {
    expect(() => referenceFrom({})).to.throw('no commit to deploy')
    expect(() => referenceFrom({ tag: 'v1', branch: 'main' })).to.throw(
      'cannot deploy both tag v1 and branch main',
    )
  })

  for (const name of [
    ...['', '-v1', '--upload-pack=touch /tmp/x', 'v1~1', 'v1^{}', 'v 1', 'v1:x', 'v*', '..', 'a..b', '@{u}'],
    ...['@', '/v1', 'v1/', 'a//b', '.v1', 'a/.b', 'v1.lock', 'v1.', 'v\n1', 'v\\1'],
  ])
    it(`rejects the invalid name ${JSON.stringify(name)}`, () => {
      expect(() => referenceFrom({ tag: name })).to.throw('invalid tag name')
      expect(() => referenceFrom({ branch: name })).to.throw('invalid branch name')
    })

  for (const name of ['v1\u009b2J', 'v1\u202e0.2', 'v\u200b1', 'v\u00ad1', 'v\u{e0041}1', 'v1\u2028'])
    it(`rejects control and invisible characters: ${JSON.stringify(name)}`, () => {
      expect(() => referenceFrom({ tag: name })).to.throw('it has control or invisible characters')
      expect(() => referenceFrom({ branch: name })).to.throw('it has control or invisible characters')
    })

  for (const revision of ['', 'abc', 'HEAD', 'main', '-abcd', 'abcd~1', 'abcd\n', '0'.repeat(41)])
    it(`rejects the invalid revision ${JSON.stringify(revision)}`, () => {
      expect(() => referenceFrom({ revision })).to.throw('invalid revision')
    })
})
