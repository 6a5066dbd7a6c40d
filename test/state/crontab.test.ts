import { expect } from 'chai'
import fc from 'fast-check'

import { crontab, type CrontabQuestion } from '../../src/state/crontab.ts'
import type { Write } from '../../src/state/definition/write.ts'
import { path } from '../../src/state/path.ts'
import { lint } from '../modules/harness.ts'

const questions: CrontabQuestion[] = [{ user: 'www-data' }, {}, { file: '/etc/cron.d/sweep' }]

describe('kind crontab', () => {
  it('reads all crontabs with one script that passes the linters', () => {
    lint(crontab.read(questions))
  })

  it('distinguishes no cron, no crontab and an empty crontab', () => {
    expect(crontab.parse('==\nno cron\n==\n==\nexists\n', questions)).to.deep.equal([
      { writable: false, exists: false, content: '' },
      { writable: true, exists: false, content: '' },
      { writable: true, exists: true, content: '' },
    ])
    expect(() => crontab.parse('==\n', questions)).to.throw('1 crontabs were read, not 3')
  })

  it('returns every line unchanged', () => {
    fc.assert(
      fc.property(fc.array(fc.string().map((text) => text.replaceAll('\n', ''))), (table) => {
        const output = `==\nexists\n${table.map((line) => `|${line}\n`).join('')}`
        expect(crontab.parse(output, [{}])[0]?.content).to.equal(table.join('\n'))
      }),
    )
  })

  it('depends on the installation of cron, its file and its user, and on nothing else', () => {
    const packages: Write = { type: 'scope', scope: 'packages', until: 'cron is installed' }
    const missing = { writable: false, exists: false, content: '' }
    const present = { writable: true, exists: true, content: 'x' }
    expect(crontab.touchedBy({ user: 'a' }, packages, missing)).to.equal(true)
    expect(crontab.touchedBy({ user: 'a' }, packages, present)).to.equal(false)
    expect(crontab.touchedBy({ file: '/etc/cron.d/a' }, packages, present)).to.equal(true)
    const template = path.write({ path: '/etc/nginx/nginx.conf' })
    expect(crontab.touchedBy({ file: '/etc/cron.d/a' }, template, present)).to.equal(false)
    expect(
      crontab.touchedBy({ file: '/etc/cron.d/a' }, path.write({ path: '/etc/cron.d/a' }), present),
    ).to.equal(true)
  })
})
