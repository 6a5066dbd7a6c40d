import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import type { DeployRun } from '../../src/deploy/deploy-run.ts'
import { Journal } from '../../src/deploy/journal.ts'
import { journaled } from '../../src/deploy/journaled-run.ts'
import { DeployOutcome } from '../../src/deploy/outcome.ts'
import { ExitCode, UserError } from '../../src/errors.ts'

describe('a run in the journal of the controller', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hostwright-journaled-'))
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  const reference = { kind: 'tag', name: 'v1' } as const
  const by = { name: 'ann', host: 'desk' }
  let run: DeployRun
  beforeEach(() => {
    run = { id: 'a1', by, started: new Date() }
  })

  function deploy(work: () => Promise<ExitCode>): Promise<ExitCode> {
    const outcome = new DeployOutcome()
    outcome.handle({ event: 'play', play: 'Deploy', hosts: ['web1'], file: 'deploy.yml', line: 1 })
    return journaled(run, { release: 'r1', reference, sha: 'abc' }, outcome, folder, work)
  }

  function entries(): Record<string, unknown>[] {
    const lines = readFileSync(new Journal(folder).file, 'utf8').trimEnd().split('\n')
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  }

  it('records the purpose of a rollback and the release that is live afterwards', async () => {
    const outcome = new DeployOutcome()
    outcome.handle({ event: 'play', play: 'Roll back', hosts: ['web1'], file: 'rollback.yml', line: 1 })
    const work = () => {
      outcome.handle({
        ...{
          event: 'task',
          play: 'Roll back',
          task: 'Switch visitors to the release',
          module: 'deploy_switch',
        },
        ...{
          host: 'web1',
          status: 'changed',
          changed: true,
          msg: '',
          file: 'switch.yml',
          line: 1,
          seconds: 0,
        },
        changes: [{ field: 'current', before: 'r2', after: 'r1' }],
      })
      return Promise.resolve(ExitCode.done)
    }
    await journaled(run, { purpose: 'rollback' }, outcome, folder, work)
    const [started, ended] = entries()
    expect(started).to.deep.include({ event: 'started', run: 'a1', purpose: 'rollback', by })
    expect(ended).to.deep.include({ hosts: { web1: 'switched' }, switched: { web1: 'r1' } })
  })

  it('records the start and the end with the outcome', async () => {
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
      exitCode: 3,
      hosts: { web1: 'untouched' },
      switched: {},
    })
    expect(ended?.['seconds']).to.be.within(0, 60)
  })

  for (const [what, error, exitCode] of [
    ['a UserError', new UserError('no such host', { exitCode: ExitCode.nothingMatched }), 66],
    ['an internal error', new TypeError('not a function'), 70],
  ] as const)
    it(`records the end after ${what}`, async () => {
      expect(await deploy(() => Promise.reject(error)).catch((thrown: unknown) => thrown)).to.equal(error)
      expect(entries().at(-1)).to.include({ event: 'ended', exitCode })
    })
})
