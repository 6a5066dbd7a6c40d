import { expect } from 'chai'

import type { HostCounts, RunEvent, TaskFinished } from '../../src/engine/event.ts'
import { jsonLinesReporter } from '../../src/report/json-lines.ts'
import { Printer } from '../../src/report/printer.ts'
import type { ReportOptions } from '../../src/report/reporter.ts'
import { coloured, paintFor, plain } from '../../src/report/style.ts'
import { textReporter } from '../../src/report/text.ts'

const counts: HostCounts = {
  ok: 3,
  changed: 1,
  unreachable: 0,
  failed: 0,
  skipped: 2,
  rescued: 0,
  ignored: 0,
  unknown: 0,
}

function finished(event: Partial<TaskFinished>): TaskFinished {
  return {
    event: 'task',
    play: 'web',
    task: 'write the page',
    module: 'copy',
    host: 'web1',
    status: 'ok',
    changed: false,
    changes: [],
    msg: '',
    file: 'site.yml',
    line: 7,
    seconds: 0.1,
    ...event,
  }
}

function printed(events: readonly RunEvent[], options: Partial<ReportOptions> = {}): string {
  let text = ''
  const output = { write: (chunk: string | Buffer) => (text += chunk.toString()) }
  const reporter = textReporter(new Printer(output), { diff: false, verbosity: 0, ...options })
  events.forEach((event) => {
    reporter.handle(event)
  })
  reporter.end()
  return text
}

describe('the report as text', () => {
  const mode = { field: 'mode', before: '0644', after: '0600' }
  const content = { field: 'content', before: 'a\nb\n', after: 'a\nc\n' }

  it('prints a line for each task and host, with a summary of the changes', () => {
    const text = printed([finished({ status: 'changed', changed: true, changes: [mode, content] })])
    expect(text).to.match(/changed +web1 +write the page +\(mode 0644 → 0600, content\)\n/)
  })

  it('shows a million lines of output of a failed command', () => {
    const output = { command: 'yes', code: 1, stdout: 'y\n'.repeat(1_000_000), stderr: '' }
    const text = printed([finished({ status: 'failed', output })])
    expect(text.split('        y\n')).to.have.length(1_000_001)
  })

  it('shows a change in full on request', () => {
    const text = printed([finished({ status: 'changed', changed: true, changes: [content] })], { diff: true })
    expect(text).to.include('      -b\n      +c\n')
  })

  it('never shows the values of a secret', () => {
    const secret = { field: 'password', before: 'old-secret', after: 'new-secret', secret: true as const }
    for (const diff of [true, false]) {
      const text = printed([finished({ status: 'changed', changed: true, changes: [secret] })], { diff })
      expect(text).to.include('password').and.not.to.include('-secret')
    }
  })

  it('shows a failure with its position, the command, the exit code and the lines of output', () => {
    const output = { command: 'nginx -t', code: 1, stdout: '', stderr: 'line one\nline two\n' }
    const text = printed([finished({ status: 'failed', msg: 'exited with code 1', output })])
    expect(text).to.include('site.yml:7')
    expect(text).to.include('command: nginx -t\n')
    expect(text).to.include('exit code: 1\n')
    expect(text).to.match(/stderr:\n +line one\n +line two\n/)
  })

  it('shortens a long script and names the option that shows all of it', () => {
    const command = Array.from({ length: 40 }, (_, index) => `echo ${index}`).join('\n')
    const output = { command, code: 1, stdout: '', stderr: '' }
    const text = printed([finished({ status: 'failed', msg: 'no', output })])
    expect(text).to.include('echo 11\n').and.not.to.include('echo 12\n')
    expect(text).to.include('… 28 more lines, with --show-commands')
  })

  it('prints a recap and the pending handlers at the end', () => {
    const recap: RunEvent = {
      event: 'recap',
      hosts: { web1: counts },
      seconds: 1.25,
      check: false,
      pending: { web1: ['reload nginx'] },
    }
    const text = printed([recap])
    expect(text).to.include('web1  ok=3 changed=1 unreachable=0 failed=0 skipped=2 rescued=0 ignored=0\n')
    expect(text).to.match(/pending handlers on web1.*reload nginx/)
  })
})

describe('the report on a terminal', () => {
  it('prints nothing while a question is open, and continues afterwards', async () => {
    let text = ''
    const output = { isTTY: true, write: (chunk: string | Buffer) => (text += chunk.toString()) }
    const reporter = textReporter(new Printer(output), { diff: false, verbosity: 0 })
    const during = await reporter.quietly(() => {
      text += 'Passphrase: '
      reporter.handle({ event: 'busy', host: 'web1', task: 'write the page' })
      reporter.handle(finished({ status: 'ok' }))
      return Promise.resolve(text)
    })
    reporter.end()
    expect(during).to.equal('Passphrase: ')
    expect(text).to.match(/^Passphrase: {3}ok +web1 +write the page\n$/)
  })
})

describe('the report as JSON Lines', () => {
  it('prints one object for each line, without events for a live display', () => {
    let text = ''
    const reporter = jsonLinesReporter(new Printer({ write: (chunk) => (text += chunk.toString()) }))
    reporter.handle({ event: 'busy', host: 'web1', task: 'x' })
    reporter.handle(finished({ msg: 'two\nlines' }))
    reporter.end()
    expect(text.endsWith('}\n')).to.equal(true)
    expect(text.trim().split('\n')).to.have.length(1)
    expect(JSON.parse(text)).to.include({ event: 'task', host: 'web1', msg: 'two\nlines' })
  })
})

describe('color', () => {
  const cases: [string, { isTTY?: boolean }, NodeJS.ProcessEnv, typeof plain][] = [
    ['uses colors on a terminal', { isTTY: true }, {}, coloured],
    ['uses no colors in a file', {}, {}, plain],
    ['uses no colors if NO_COLOR is set', { isTTY: true }, { NO_COLOR: '1' }, plain],
    ['uses no colors on a dumb terminal', { isTTY: true }, { TERM: 'dumb' }, plain],
  ]
  for (const [title, stream, environment, expected] of cases) {
    it(title, () => {
      expect(paintFor(stream, environment)('red', 'x')).to.equal(expected('red', 'x'))
    })
  }
})
