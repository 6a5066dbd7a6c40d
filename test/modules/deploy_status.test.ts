import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'

import { configurationDigest } from '../../src/modules/deploy/configuration-digest.ts'
import { deployRecord } from '../../src/modules/deploy_record.ts'
import { deployStatus } from '../../src/modules/deploy_status.ts'
import { Application, scratchFolder } from './application.ts'
import { converge, settled, shells } from './harness.ts'

const sha = { v1: '1'.repeat(40), v2: '2'.repeat(40), other: '3'.repeat(40) }

describe('module deploy_status', () => {
  const scratch = scratchFolder()
  let application: Application
  beforeEach(() => {
    application = new Application(join(scratch.path, "it's shop"))
  })

  const status = async (given: object = {}, shell?: 'dash' | 'busybox') =>
    (await converge(deployStatus, { root: application.root, ...given }, shell === undefined ? {} : { shell }))
      .result

  function deployed(): void {
    const configuration = configurationDigest({ a: 1 })
    application
      .release('a', {
        ...{ state: 'retired', socket: '/run/php/shop-blue.sock' },
        information: {
          reference: 'refs/tags/v1',
          revision: sha.v1,
          configuration,
          by: 'ann',
          created: 'then',
        },
      })
      .release('b', {
        ...{ state: 'live', socket: '/run/php/shop-green.sock' },
        information: { reference: 'refs/tags/v1.9', revision: sha.v2, configuration, more: 'of a playbook' },
      })
      .current('releases/b')
  }

  for (const shell of shells) {
    it(`registers the live release, the previous one and the slots, under ${shell}`, async () => {
      deployed()
      const { table, releases, ...rest } = await status({ slots: ['blue', 'green'] }, shell)
      const previous = {
        ...{ id: 'a', state: 'retired', since: '2026-01-01T00:00:00Z', socket: '/run/php/shop-blue.sock' },
        ...{ reference: 'refs/tags/v1', revision: sha.v1, configuration: configurationDigest({ a: 1 }) },
        ...{ by: 'ann', created: 'then' },
      }
      const live = {
        ...{ id: 'b', state: 'live', since: '2026-01-01T00:00:00Z', socket: '/run/php/shop-green.sock' },
        ...{ reference: 'refs/tags/v1.9', revision: sha.v2, configuration: configurationDigest({ a: 1 }) },
        ...{ by: null, created: null },
      }
      expect(rest).to.deep.equal({
        ...{ is_live: false, live, previous, live_slot: 'green', free_slot: 'blue', maintenance: false },
        ...{ is_older: false, deployed_revision: null },
      })
      expect(releases).to.deep.equal([previous, live])
      expect(table).to.match(/^date +release.*\n.* b +v1\.9 .*<- current\n.* a +v1 .*retired$/)
    })

    it(`registers nothing if nothing was deployed, under ${shell}`, async () => {
      expect(
        await status({ root: join(scratch.path, 'nothing'), reference: 'refs/tags/v1' }, shell),
      ).to.deep.include({
        ...{ is_live: false, live: null, previous: null, releases: [], live_slot: null, free_slot: null },
        ...{ maintenance: false, is_older: false, deployed_revision: null },
      })
    })

    it(`registers the commit that was last live under a reference, under ${shell}`, async () => {
      const reference = "refs/tags/it's $(v1)"
      const [b, c] = [sha.v1, sha.v2].map((revision) => ({ reference, revision }))
      application.release('b', { information: b! }).release('c', { information: c! })
      for (const id of ['b', 'c', 'b'])
        await converge(deployRecord, { ...application.given, id, state: 'live' }, { shell })
      application.release('d', { information: { reference, revision: sha.other } })
      await converge(deployRecord, { ...application.given, id: 'd', state: 'failed' }, { shell })
      expect((await status({ reference }, shell))['deployed_revision']).to.equal(sha.v1)
      for (const other of ['refs/tags/it', "refs/tags/it's $(v1)2", "tags/it's $(v1)", 'refs/tags/.*'])
        expect((await status({ reference: other }, shell))['deployed_revision'], other).to.equal(null)
    })
  }

  describe('is_live', () => {
    const wanted = { revision: sha.v2, configuration: { a: 1 } }
    beforeEach(deployed)

    it('registers is_live as true for the same commit and configuration if the release was probed', async () => {
      expect((await status(wanted))['is_live']).to.equal(true)
    })

    for (const [situation, given] of [
      ['for another commit', { ...wanted, revision: sha.v1 }],
      ['for another configuration', { ...wanted, configuration: { a: 2 } }],
      ['without a commit', { configuration: { a: 1 } }],
    ] as const)
      it(`registers is_live as false ${situation}`, async () => {
        expect((await status(given))['is_live']).to.equal(false)
      })

    it('registers is_live as false if the live release was never probed', async () => {
      application.release('b', { state: 'ready', information: { revision: sha.v2 } })
      expect((await status(wanted))['is_live']).to.equal(false)
    })

    it('registers is_live as false for a release without information if no commit is given', async () => {
      application.release('c', { state: 'live', information: { configuration: configurationDigest(null) } })
      application.current('releases/c')
      expect((await status())['is_live']).to.equal(false)
    })
  })

  describe('is_older', () => {
    beforeEach(deployed)
    for (const [reference, older] of [
      ['refs/tags/v1.8', true],
      ['refs/tags/v1.9-rc1', true],
      ['refs/tags/v1.9', false],
      ['refs/tags/v1.10', false],
      ['refs/heads/v1.8', false],
    ] as const)
      it(`registers is_older as ${older} for ${reference}`, async () => {
        expect((await status({ reference }))['is_older']).to.equal(older)
      })

    it('registers is_older as false if a branch is live', async () => {
      application.release('b', { state: 'live', information: { reference: 'refs/heads/v2' } })
      expect((await status({ reference: 'refs/tags/v1' }))['is_older']).to.equal(false)
    })
  })

  it('registers that the application is in maintenance', async () => {
    writeFileSync(application.at('deploy/maintenance'), '')
    expect((await status())['maintenance']).to.equal(true)
  })

  it('reads a journal with a line that was cut off and with the zeros of a crash', async () => {
    const line = (revision: string) =>
      `{"time":"x","reference":"refs/tags/v1","revision":"${revision}","event":"live","release":"a"`
    const journal = application.at('deploy/journal.jsonl')
    writeFileSync(journal, `${line(sha.v1)}}\n\0\0\0${line(sha.v2)}`)
    expect((await status({ reference: 'refs/tags/v1' }))['deployed_revision']).to.equal(sha.v1)
    application.release('a', { information: { reference: 'refs/tags/v1', revision: sha.other } })
    await converge(deployRecord, { ...application.given, id: 'a', state: 'live' })
    expect((await status({ reference: 'refs/tags/v1' }))['deployed_revision']).to.equal(sha.other)
  })

  it('fails for a site that was not deployed', async () => {
    mkdirSync(application.at('current'))
    expect(await settled(() => status())).to.throw(
      `${application.root}/current is not a symlink to a release`,
    )
  })

  it('only observes', () => {
    expect(deployStatus.observes).to.equal(true)
    expect(deployStatus.apply([], {}, {})).to.deep.equal([])
  })
})
