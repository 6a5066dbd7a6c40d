import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { Fleet } from '../../src/run/fleet.ts'
import { Secrets } from '../../src/variables/secrets/secrets.ts'

describe('Fleet', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hostwright-fleet-'))
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  function groupNames(inventory: string): (host: string) => unknown {
    const file = join(folder, 'hosts.ini')
    writeFileSync(file, inventory)
    const fleet = Fleet.load(
      { inventory: [file] },
      { playbookDir: folder, secrets: new Secrets(), check: false, diff: false },
    )
    const nowhere = { play: undefined, role: undefined, playHostsAll: [], playHosts: [], playBatch: [] }
    return (host) =>
      fleet
        .variablesOf(host)
        .magic({ ...nowhere, scopeOf: () => undefined })
        .values.get('group_names')
  }

  it('sorts the groups of a host and leaves out all', () => {
    expect(groupNames('[web]\na\n[db]\na\n')('a')).to.deep.equal(['db', 'web'])
  })

  it('gives hosts in the same groups the same list, so that they share rendered tasks', () => {
    const of = groupNames('[web]\na\nb\n[db]\nb\nc\nd\n')
    expect(of('c')).to.equal(of('d')).and.to.equal(of('c'))
    expect(of('a')).to.deep.equal(['web'])
    expect(of('b')).to.deep.equal(['db', 'web'])
  })
})
