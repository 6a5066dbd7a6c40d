import { expect } from 'chai'

import type { Change } from '../../src/modules/definition/change.ts'
import { describeChanges, summarizeChanges } from '../../src/report/change-text.ts'
import { Printer } from '../../src/report/printer.ts'

describe('changes as text', () => {
  const cases: readonly { title: string; change: Change; summary: string; full: readonly string[] }[] = [
    {
      title: 'a different value',
      change: { field: 'mode', before: '0644', after: '0600' },
      summary: 'mode 0644 → 0600',
      full: ['mode: 0644 → 0600'],
    },
    {
      title: 'a new value',
      change: { field: 'owner', before: null, after: 'root' },
      summary: 'owner root',
      full: ['owner: root'],
    },
    {
      title: 'a removed value',
      change: { field: 'comment', before: 'x', after: null },
      summary: 'comment x → nothing',
      full: ['comment: x → nothing'],
    },
    {
      title: 'binary content',
      change: { field: 'content', before: null, after: { sha256: 'abc', size: 12 } },
      summary: 'content 12 bytes',
      full: ['content: 12 bytes'],
    },
    {
      title: 'a secret',
      change: { field: 'password', before: 'old', after: 'new', secret: true },
      summary: 'password',
      full: ['password: (secret) → (secret, changed)'],
    },
    {
      title: 'the content of a file, with its path',
      change: { field: 'content', path: '/etc/motd', before: 'a\nb\n', after: 'a\nc\n' },
      summary: 'content',
      full: ['--- /etc/motd before', '+++ /etc/motd after', '@@ -1,2 +1,2 @@', ' a', '-b', '+c'],
    },
    {
      title: 'the content of a file with one short line',
      change: { field: 'content', path: '/etc/motd', before: null, after: 'a' },
      summary: 'content a',
      full: [
        '--- /etc/motd before',
        '+++ /etc/motd after',
        '@@ -1,0 +1,1 @@',
        '+a',
        '\\ No newline at end of file',
      ],
    },
  ]
  for (const { title, change, summary, full } of cases)
    it(`shows ${title}`, () => {
      expect(summarizeChanges([change])).to.equal(summary)
      let printed = ''
      new Printer({ write: (text) => (printed += text.toString()) }).print(...describeChanges([change]))
      expect(printed).to.equal(full.map((line) => `${line}\n`).join(''))
    })

  it('does not compare texts of which thousands of lines differ', () => {
    const lines = (letter: string) =>
      Array.from({ length: 9000 }, (_, index) => `${letter}${index}`).join('\n')
    const change = { field: 'content', path: '/etc/motd', before: lines('a'), after: lines('b') }
    const started = process.cpuUsage()
    expect(describeChanges([change])).to.deep.equal([
      '/etc/motd: more than 2000 lines differ, too many to compare',
    ])
    expect(process.cpuUsage(started).user / 1000).to.be.below(3000)
  }).timeout(60_000)
})
