import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { type DeployStarted, Journal, type RunEnded } from '../../src/deploy/journal.ts'
import { ExitCode } from '../../src/errors.ts'
import { failureOf } from './code-base.ts'

describe('the journal of deploys', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hostwright-journal-'))
  })
  afterEach(async () => {
    await rm(folder, { recursive: true })
  })

  const started: DeployStarted = {
    event: 'started',
    run: 'run-1',
    release: '20260102T030405Z-1a2b3c4',
    reference: { kind: 'tag', name: 'v1' },
    sha: '1a2b3c4d5e6f708192a3b4c5d6e7f80192a3b4c5',
    by: { name: 'Ada <ada@example.com>', host: 'desk' },
  }
  const ended: RunEnded = {
    event: 'ended',
    run: 'run-1',
    exitCode: ExitCode.rolledBack,
    seconds: 12.5,
    hosts: { web1: 'rolled back', web2: 'untouched' },
    switched: {},
  }

  async function entries(): Promise<Record<string, unknown>[]> {
    const text = await readFile(new Journal(folder).file, 'utf8')
    expect(text.endsWith('\n')).to.equal(true)
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  }

  it('appends a line with the time for each entry', async () => {
    const before = Date.now()
    await new Journal(folder).record(started)
    await new Journal(folder).record(ended)
    const [first, second] = await entries()
    expect(first).to.deep.include(started)
    expect(second).to.deep.include(ended)
    expect(Date.parse(String(first?.['at']))).to.be.within(before, Date.now())
    expect((await stat(new Journal(folder).file)).mode & 0o777).to.equal(0o600)
    expect((await stat(join(folder, '.hostwright'))).mode & 0o777).to.equal(0o700)
  })

  it('removes the permissions of other users on a journal and a folder of an earlier version', async () => {
    const { file } = new Journal(folder)
    await mkdir(join(folder, '.hostwright'), { mode: 0o755 })
    await writeFile(file, '', { mode: 0o644 })
    await new Journal(folder).record(started)
    expect((await stat(file)).mode & 0o777).to.equal(0o600)
    expect((await stat(join(folder, '.hostwright'))).mode & 0o777).to.equal(0o700)
  })

  it('starts a new line after an incomplete one', async () => {
    const journal = new Journal(folder)
    await journal.record(started)
    await appendFile(journal.file, '{"event":"sta')
    await journal.record(ended)
    const lines = (await readFile(journal.file, 'utf8')).split('\n')
    expect(lines[1]).to.equal('{"event":"sta')
    expect(JSON.parse(lines[2] ?? '')).to.deep.include(ended)
  })

  it('keeps all entries of several processes that write at the same time', async () => {
    const module = join(import.meta.dirname, '../../src/deploy/journal.ts')
    const entry = { ...started, hosts: Array.from({ length: 500 }, (_, index) => `web${index}`) }
    const program = `
      import { Journal } from ${JSON.stringify(module)}
      const journal = new Journal(${JSON.stringify(folder)})
      for (let index = 0; index < 25; index += 1) await journal.record(${JSON.stringify(entry)})`
    const writers = [1, 2, 3].map(() =>
      spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program]),
    )
    const codes = await Promise.all(writers.map(async (writer) => (await once(writer, 'exit'))[0] as number))
    expect(codes).to.deep.equal([0, 0, 0])
    const written = await entries()
    expect(written).to.have.length(75)
    for (const one of written) expect(one).to.deep.include(entry)
  })

  it('reports why the journal cannot be written', async () => {
    await writeFile(join(folder, '.hostwright'), 'a file')
    const failure = await failureOf(new Journal(folder).record(started))
    expect(failure.name).to.equal('UserError')
    expect(failure.message).to.match(/^cannot write the journal: E(EXIST|NOTDIR)/)
  })
})
