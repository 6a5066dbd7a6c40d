import { expect } from 'chai'

import type { Write } from '../../src/state/definition/write.ts'
import { glob } from '../../src/state/glob.ts'
import { lint } from '../modules/harness.ts'

describe('kind glob', () => {
  const written = (subject: string): Write => ({ type: 'thing', kind: 'path', subject })
  const touched = (write: Write): boolean => glob.touchedBy({ pattern: '/srv/app-*/x' }, write, false)

  it('depends on writes below the fixed part of the pattern', () => {
    expect(touched(written('/srv/app-1/x'))).to.equal(true)
    expect(touched(written('/srv'))).to.equal(true)
    expect(touched(written('/srv/other'))).to.equal(false)
    expect(touched({ type: 'scope', scope: 'anything', until: '' })).to.equal(true)
  })

  it('rejects an invalid answer', () => {
    expect(() => glob.parse('maybe\n', [{ pattern: '/*' }])).to.throw('expected yes or no')
    expect(() => glob.parse('yes\n', [{ pattern: '/*' }, { pattern: '/?' }])).to.throw(
      '1 answers to 2 questions',
    )
  })

  it('passes the linters', () => {
    lint(glob.read([{ pattern: "/srv/it's *" }, { pattern: '/tmp/[ab]' }]))
  })
})
