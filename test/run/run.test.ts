import { existsSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import {
  check,
  ExitCode,
  InvalidInputError,
  run,
  type RunEvent,
  type RunOptions,
  Secrets,
} from '../../src/index.ts'

describe('the library', () => {
  let folder: string
  let events: RunEvent[]
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hostwright-library-'))
    events = []
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  function optionsFor(tasks: string): RunOptions & { onEvent: (event: RunEvent) => void } {
    const playbook = join(folder, 'play.yml')
    writeFileSync(playbook, `- hosts: all\n  gather_facts: no\n  tasks:\n${tasks}`)
    return {
      playbook,
      inventory: ['web1,'],
      connection: 'local',
      onEvent: (event) => events.push(event),
    }
  }

  const copyTask =
    '    - { name: Write a file, copy: { content: hello, dest: "<%= playbook_dir %>/made" } }\n'

  it('runs a playbook and reports its events in order', async () => {
    expect(await run(optionsFor(copyTask))).to.deep.equal({ exitCode: ExitCode.done, changed: true })
    expect(events.map(({ event }) => event).filter((event) => event !== 'busy')).to.deep.equal([
      'start',
      'play',
      'task-start',
      'task',
      'recap',
    ])
    expect(readFileSync(join(folder, 'made'), 'utf8')).to.equal('hello')
  })

  it('reports in a dry run what would change, and changes nothing', async () => {
    expect(await check(optionsFor(copyTask))).to.deep.equal({ exitCode: ExitCode.done, changed: true })
    expect(events.find((event) => event.event === 'task')).to.include({
      task: 'Write a file',
      status: 'changed',
    })
    expect(existsSync(join(folder, 'made'))).to.equal(false)
  })

  it('resolves with the exit code of a run in which a task failed', async () => {
    const summary = await run(optionsFor('    - command: "false"\n'))
    expect(summary.exitCode).to.equal(ExitCode.failed)
  })

  it('rejects with all errors before the first event and before it asks for a password', async () => {
    let asked = false
    const error = await run({
      ...optionsFor('    - nosuchmodule: {}\n    - copy: { destination: /x }\n'),
      becomePassword: () => {
        asked = true
        return Promise.resolve('')
      },
    }).catch((error: unknown) => error)
    expect(error).to.be.instanceOf(InvalidInputError)
    expect((error as InvalidInputError).diagnostics.map(({ at }) => at.line)).to.deep.equal([4, 5, 5])
    expect([events, asked]).to.deep.equal([[], false])
  })

  it('stops when the signal is aborted', async () => {
    const controller = new AbortController()
    const started = join(folder, 'started')
    const watcher = watch(folder, () => {
      if (existsSync(started)) controller.abort()
    })
    try {
      const tasks = `    - shell: touch started; sleep 100\n      args: { chdir: ${folder} }\n${copyTask}`
      const summary = await run({ ...optionsFor(tasks), signal: controller.signal })
      expect(summary.exitCode).to.equal(ExitCode.interrupted)
      expect(events.at(-1)?.event).to.equal('recap')
      expect(existsSync(join(folder, 'made'))).to.equal(false)
    } finally {
      watcher.close()
    }
  })

  it('runs no task if the signal is already aborted', async () => {
    const summary = await run({ ...optionsFor(copyTask), signal: AbortSignal.abort() })
    expect(summary.exitCode).to.equal(ExitCode.interrupted)
    expect(existsSync(join(folder, 'made'))).to.equal(false)
  })

  it('treats variables as data', async () => {
    const text = '<%= playbook_dir %>'
    const tasks = '    - copy: { content: "<%= text %>", dest: "<%= playbook_dir %>/made" }\n'
    await run({ ...optionsFor(tasks), variables: { text } })
    expect(readFileSync(join(folder, 'made'), 'utf8')).to.equal(text)
  })

  it('masks secrets and the sudo password in events', async () => {
    const secrets = new Secrets()
    secrets.add('hush-hush')
    const tasks = '    - debug: { msg: "hush-hush and tell-nobody" }\n'
    await run({ ...optionsFor(tasks), secrets, becomePassword: 'tell-nobody' })
    const told = events.find((event) => event.event === 'task')?.msg
    expect(told).to.equal('‹secret› and ‹secret›')
  })
})
