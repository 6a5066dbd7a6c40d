import { expect } from 'chai'

import type { KindName, Write } from '../../src/state/definition/write.ts'
import { match } from '../../src/state/line-match.ts'
import { port } from '../../src/state/port.ts'
import { lint } from '../modules/harness.ts'

const question = { host: 'localhost', port: 80, connectTimeout: 5 }
const written = (kind: KindName, subject: string): Write => ({ type: 'thing', kind, subject })

describe('kind port', () => {
  it('depends on services and commands, not on files', () => {
    expect(port.touchedBy(question, { type: 'scope', scope: 'services', until: '' }, false)).to.equal(true)
    expect(port.touchedBy(question, written('unit', 'nginx.service'), false)).to.equal(true)
    expect(port.touchedBy(question, written('path', '/etc/nginx/nginx.conf'), false)).to.equal(false)
  })

  it('rejects an invalid answer', () => {
    expect(() => port.parse('ajar\n', [question])).to.throw('expected yes or no')
    expect(() => port.parse('', [question])).to.throw('0 answers to 1 questions')
  })

  it('passes the linters', () => {
    lint(port.read([question, { ...question, host: 'db.example.com', port: 3306 }]))
  })
})

describe('kind line-match', () => {
  it('depends on writes to the file', () => {
    const asked = { path: '/var/log/app.log', pattern: 'ready' }
    expect(match.touchedBy(asked, written('path', '/var/log/app.log'), false)).to.equal(true)
    expect(match.touchedBy(asked, written('path', '/var/log/other.log'), false)).to.equal(false)
  })

  it('rejects an invalid answer', () => {
    expect(() => match.parse('perhaps\n', [{ path: '/x', pattern: 'x' }])).to.throw('expected yes or no')
  })

  it('passes the linters', () => {
    lint(match.read([{ path: "/it's", pattern: '-x|y' }]))
  })
})
