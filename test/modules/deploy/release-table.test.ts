import { expect } from 'chai'

import { releaseTable } from '../../../src/modules/deploy/release-table.ts'
import type { Deployment, Release } from '../../../src/state/deployment/value.ts'

function table(current: Deployment['current'], ...releases: readonly Release[]): string {
  return releaseTable({ current, releases, unfinished: [], slots: {}, maintenance: false })
}

const first: Release = {
  id: '20260101T100000Z-abc1234',
  state: 'retired',
  information: {
    created: '2026-01-01T10:00:00Z',
    reference: 'refs/tags/v1.2.3',
    revision: 'abc1234def'.padEnd(40, '0'),
    by: 'Ann on desk',
  },
}
const second: Release = {
  id: '20260102T100000Z-def5678',
  state: 'live',
  information: { created: '2026-01-02T10:00:00Z', reference: 'refs/heads/main', revision: '', by: 5 },
}

describe('The table of releases', () => {
  it('shortens cells to 60 characters, and pads no row further', () => {
    const long = { ...first, information: { ...first.information, by: 'x'.repeat(1_000_000) } }
    const lines = table({ type: 'absent' }, long, second).split('\n')
    expect(lines.at(-1)).to.include(`${'x'.repeat(59)}…`)
    for (const line of lines) expect(line).to.have.length.below(400)
  })

  it('lists the newest release first, marks the live one, and shows unknown values as -', () => {
    expect(table({ type: 'release', id: second.id }, first, second)).to.equal(
      [
        'date                 release                   reference  commit      by           state',
        '2026-01-02 10:00:00  20260102T100000Z-def5678  main       -           -            <- current',
        '2026-01-01 10:00:00  20260101T100000Z-abc1234  v1.2.3     abc1234def  Ann on desk  retired',
      ].join('\n'),
    )
  })

  it('shows the state of the live release if it is not marked as live', () => {
    const lines = table({ type: 'release', id: first.id }, first, second).split('\n')
    expect(lines.map((line) => line.split(/ {2,}/).at(-1))).to.deep.equal([
      'state',
      'live',
      'retired <- current',
    ])
  })

  it('has only headings if there are no releases', () => {
    expect(table({ type: 'absent' })).to.equal('date  release  reference  commit  by  state')
  })
})
