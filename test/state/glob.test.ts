import { expect } from 'chai'

import type { Write } from '../../src/state/definition/write.ts'
import { glob } from '../../src/state/glob.ts'
import { lint } from '../modules/harness.ts'

describe('a pattern of paths', () => {
  const written = (subject: string): Write => ({ type: 'thing', kind: 'path', subject })
  const touched = (write: Write): boolean => glob.touchedBy({ pattern: '/srv/app-*/x' }, write, false)

  it('may match another path after a write below its fixed part', () => {
    expect(touched(written('/srv/app-1/x'))).to.equal(true)
    expect(touched(written('/srv'))).to.equal(true)
    expect(touched(written('/srv/other'))).to.equal(false)
    expect(touched({ type: 'scope', scope: 'anything', until: '' })).to.equal(true)
  })

  it('refuses an answer that it does not know', () => {
    expect(() => glob.parse('maybe\n', [{ pattern: '/*' }])).to.throw('expected yes or no')
    expect(() => glob.parse('yes\n', [{ pattern: '/*' }, { pattern: '/?' }])).to.throw(
      '1 answers to 2 questions',
    )
  })

  it('passes the checks of shells', () => {
    lint(glob.read([{ pattern: "/srv/it's *" }, { pattern: '/tmp/[ab]' }]))
  })
})
