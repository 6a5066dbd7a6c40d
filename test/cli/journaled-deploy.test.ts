import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect } from 'chai'

import { DeployOutcome } from '../../src/cli/deploy-outcome.ts'
import { journaled } from '../../src/cli/journaled-deploy.ts'
import { Journal } from '../../src/deploy/journal.ts'
import { ExitCode, UserError } from '../../src/errors.ts'

describe('a deploy in the journal of the controller', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hostwright-journaled-'))
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  const reference = { kind: 'tag', name: 'v1' } as const
  const by = { name: 'ann', host: 'desk' }
  const run = { id: 'a1', by, started: new Date() }
  const silent = {
    handle: () => undefined,
    quietly: <A>(asking: () => Promise<A>) => asking(),
    end: () => undefined,
  }

  function deploy(work: () => Promise<ExitCode>): Promise<ExitCode> {
    const outcome = new DeployOutcome(silent)
    outcome.handle({ event: 'play', play: 'Deploy', hosts: ['web1'], file: 'deploy.yml', line: 1 })
    return journaled({ run, reference, sha: 'abc', release: 'r1' }, outcome, folder, work)
  }

  function entries(): Record<string, unknown>[] {
    const lines = readFileSync(new Journal(folder).file, 'utf8').trimEnd().split('\n')
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  }

  it('has a line before and one after, with what it came to', async () => {
    const work = () => {
      expect(entries().map(({ event }) => event)).to.deep.equal(['started'])
      return Promise.resolve(ExitCode.rolledBack)
    }
    expect(await deploy(work)).to.equal(ExitCode.rolledBack)
    const [started, ended] = entries()
    expect(started).to.deep.include({ event: 'started', run: 'a1', release: 'r1', reference, sha: 'abc', by })
    expect(ended).to.deep.include({
      event: 'ended',
      run: 'a1',
      release: 'r1',
      exitCode: 3,
      hosts: { web1: 'untouched' },
    })
    expect(ended?.['seconds']).to.be.within(0, 60)
  })

  for (const [what, error, exitCode] of [
    ['a mistake of the user', new UserError('no such host', { exitCode: ExitCode.nothingMatched }), 66],
    ['a mistake of ours', new TypeError('not a function'), 70],
  ] as const)
    it(`has a line after ${what} too`, async () => {
      expect(await deploy(() => Promise.reject(error)).catch((thrown: unknown) => thrown)).to.equal(error)
      expect(entries().at(-1)).to.include({ event: 'ended', exitCode })
    })
})
