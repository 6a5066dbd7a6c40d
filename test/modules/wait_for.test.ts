import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawn, type ChildProcess } from 'node:child_process'
import { expect } from 'chai'

import { waitFor } from '../../src/modules/wait_for.ts'
import { converge, settled, lint, plan, run, shells } from './harness.ts'
import { recorded } from './recorded.ts'
import { webServer } from './web-server.ts'

const closedPort = 9

describe('module wait_for', () => {
  const server = webServer()
  let directory: string
  let helper: ChildProcess | undefined
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "wait's "))
  })
  afterEach(() => {
    helper?.kill()
    helper = undefined
    rmSync(directory, { recursive: true, force: true })
  })

  for (const shell of shells) {
    for (const host of ['127.0.0.1', 'localhost', '127.0.0.2']) {
      it(`does not wait if a port of ${host} is already as wanted, under ${shell}`, async () => {
        const open = host !== '127.0.0.2'
        const given = { host, port: server.port, state: open ? 'started' : 'stopped' }
        expect(await converge(waitFor, given, { shell })).to.deep.include({
          changes: [],
          result: { elapsed: 0 },
        })
        expect(
          plan(waitFor, { ...given, state: open ? 'stopped' : 'started' }, { shell }).changes,
        ).to.have.length(1)
      })
    }

    it(`gives up after its timeout and reports the state, under ${shell}`, async () => {
      const given = { port: closedPort, timeout: 1 }
      expect(await settled(() => converge(waitFor, given, { shell }))).to.throw(
        'port 9 of 127.0.0.1 is still closed after 1 seconds',
      )
    })

    it(`waits until a file exists, under ${shell}`, () => {
      const path = join(directory, "it's $(here)")
      const { changes, steps } = plan(waitFor, { path, timeout: 8 }, { shell })
      expect(changes).to.deep.equal([{ field: path, before: 'absent', after: 'present', transient: true }])
      helper = spawn('sh', ['-c', 'sleep 1; touch "$1"', 'sh', path])
      expect(steps.map(({ script }) => run(script, shell).code)).to.deep.equal([0])
    })
  }

  it('waits until a line of a file matches', () => {
    const path = join(directory, 'log')
    const given = { path, search_regex: '^-ready (yes|oui)$' }
    expect(plan(waitFor, given).changes).to.have.length(1)
    writeFileSync(path, 'starting\n-ready oui\n')
    expect(plan(waitFor, given).changes).to.be.empty
    expect(plan(waitFor, { ...given, state: 'absent' }).changes).to.have.length(1)
    for (const step of plan(waitFor, { ...given, state: 'absent' }).steps) lint(step.script)
  })

  it('does not pass the pattern as an argument, neither in the read nor in the step', () => {
    const path = join(directory, 'log')
    writeFileSync(path, '')
    const given = { path, search_regex: 'token=S3cret', timeout: 0 }
    const { steps, params } = plan(waitFor, given)
    const { now } = waitFor.reads(params)
    const keys = now === undefined ? [] : [now].flat()
    const scripts = [
      ...steps.map(({ script }) => script),
      ...keys.map(({ kind, question }) => kind.read([question])),
    ]
    expect(scripts).to.have.length(2)
    for (const script of scripts) {
      const calls = recorded(script, ['grep'], 'dash')
      expect(calls).not.to.be.empty
      expect(JSON.stringify(calls)).not.to.include('S3cret')
      expect(script.text).not.to.include('S3cret')
    }
  })

  it('fails with the message of the playbook', async () => {
    const given = { path: directory, state: 'absent', timeout: 0, msg: 'still locked' }
    expect(await settled(() => converge(waitFor, given))).to.throw('still locked')
  })

  it('ignores the state before its delay', async () => {
    expect(plan(waitFor, { path: directory, delay: 1 }).changes).to.have.length(1)
    expect((await converge(waitFor, { path: directory, delay: 1 })).result['elapsed']).to.be.at.least(1)
  })

  it('waits for a time without a port or path', async () => {
    expect((await converge(waitFor, { timeout: 0 })).changes).to.deep.equal([
      { field: 'time', before: null, after: '0 seconds later', transient: true },
    ])
  })

  it('has scripts that pass shellcheck', () => {
    for (const step of plan(waitFor, { host: '127.0.0.2', port: closedPort }).steps) lint(step.script)
  })

  const wrong: [object, string | RegExp][] = [
    [{ port: 0 }, 'from 1 to 65535'],
    [{ port: 80, path: '/x' }, 'exclude each other'],
    [{ port: 80, search_regex: 'x' }, 'the data of a port is not supported yet'],
    [{ port: 80, state: 'drained' }, 'not supported yet'],
  ]
  for (const [given, message] of wrong) {
    it(`rejects ${JSON.stringify(given)}`, () => {
      expect(() => waitFor.params.parse(given)).to.throw(message)
    })
  }
})
