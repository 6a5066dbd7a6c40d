import { existsSync, readFileSync } from 'node:fs'
import { expect } from 'chai'

const attackers = [
  'The operator',
  'A pusher of tags',
  'The application',
  'A web user',
  'Other users of the controller',
  'Other users of a host',
  'A compromised host',
  'The network',
  'Programs in a throw-away machine',
]

describe('SECURITY.md', () => {
  const text = readFileSync('SECURITY.md', 'utf8')
  const [, threatModel = ''] = text.split('\n## Threat model\n')
  const [, ...sections] = threatModel.split('\n### ')
  const titles = sections.map((section) => section.split('\n', 1)[0])

  it('has a section for each attacker', () => {
    expect(titles).to.deep.equal(attackers)
  })

  for (const [index, section] of sections.entries()) {
    const [promised = '', notPromised = ''] = section.split('\nNot promised:')
    const promises = promised
      .split('\n- ')
      .slice(1)
      .map((item) => item.trim().replaceAll(/\s+/g, ' '))

    it(`names tests that exist for each promise about: ${titles[index]}`, () => {
      expect(promises).to.have.length.of.at.least(2)
      for (const promise of promises) {
        const named = / Tests: ((?:`[^`]+`, )*`[^`]+`)\.$/.exec(promise)?.[1] ?? ''
        const tests = named.split(', ').map((name) => `test/${name.slice(1, -1)}.test.ts`)
        expect(
          tests.filter((file) => !existsSync(file)),
          promise,
        ).to.deep.equal([])
      }
    })

    it(`says what is not promised about: ${titles[index]}`, () => {
      expect(notPromised.trim()).to.match(/^\S.*\.$/s)
    })
  }

  it('has no line that is too long to read', () => {
    expect(text.split('\n').filter((line) => line.length > 150)).to.deep.equal([])
  })
})
