import { expect } from 'chai'

import type { RunEvent } from '../../src/engine/event.ts'
import { formatNames, formats } from '../../src/report/index.ts'
import { Printer } from '../../src/report/printer.ts'
import { command } from '../cli/fake-terminal.ts'

const events: readonly RunEvent[] = [
  { event: 'start', playbook: 'site.yml', check: false },
  { event: 'play', play: 'Web servers', hosts: ['web1'], file: 'site.yml', line: 1 },
  { event: 'busy', host: 'web1', task: 'Write a file' },
  {
    ...{ event: 'task', play: 'Web servers', task: 'Write a file', module: 'copy', host: 'web1' },
    ...{ status: 'changed', changed: true, changes: [], msg: '', file: 'site.yml', line: 3, seconds: 0.1 },
  },
  { event: 'recap', hosts: {}, seconds: 1, check: false, pending: {} },
]

describe('the formats of reports', () => {
  for (const name of formatNames)
    it(`prints the tasks of a run as ${name}`, async () => {
      let printed = ''
      const create = await formats[name].load()
      const printer = new Printer({ write: (chunk) => (printed += chunk.toString()) })
      const reporter = create(printer, { diff: false, verbosity: 0 })
      for (const event of events) reporter.handle(event)
      reporter.end()
      expect(printed).to.match(/web1.*Write a file|Write a file.*web1/)
    })

  it('offers every format with --output', async () => {
    const { stdout } = await command('run', '--help')
    const choices = formatNames.map((name) => JSON.stringify(name)).join(', ')
    expect(stdout.replaceAll(/\s+/g, ' ')).to.include(`[choices: ${choices}] [default: "text"]`)
  })
})
