import { expect } from 'chai'

import { receivedTags } from '../../../src/deploy/watch/tag-update.ts'
import { failureOf } from '../code-base.ts'

describe('the input of a post-receive hook', () => {
  const [none, one, other] = ['0'.repeat(40), 'a1'.repeat(20), 'b2'.repeat(20)]
  const tags = (...lines: readonly string[]): Promise<string[]> => receivedTags(lines, ['v*'])

  it('yields the tags that match, in version order', async () => {
    const created = ['v1.10', 'beta', 'v1.9', 'v1.10-rc1'].map((tag) => `${none} ${one} refs/tags/${tag}`)
    expect(await tags(...created, `${one} ${other} refs/heads/v2`)).to.deep.equal([
      'v1.9',
      'v1.10-rc1',
      'v1.10',
    ])
  })

  it('yields moved tags but no deleted ones', async () => {
    expect(await tags(`${one} ${other} refs/tags/v1`, `${one} ${none} refs/tags/v2`)).to.deep.equal(['v1'])
  })

  it('yields no tags if the input is empty', async () => {
    expect(await tags()).to.deep.equal([])
  })

  for (const line of ['', 'refs/tags/v1', `${one} refs/tags/v1`, `${none} ${one} v1`])
    it(`rejects the input line ${JSON.stringify(line)}`, async () => {
      expect((await failureOf(tags(line))).message).to.contain('invalid input for a post-receive hook')
    })
})
