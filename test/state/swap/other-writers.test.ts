import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { describeWriters, findOtherWriters } from '../../../src/state/swap/other-writers.ts'
import { lint, run, shells } from '../../modules/harness.ts'

describe('other writers', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "it's a file "))
  })
  afterEach(() => {
    rmSync(directory, { recursive: true })
  })

  for (const shell of shells)
    it(`finds a process that has the file open for writing, but no reader, under ${shell}`, () => {
      const path = join(directory, 'file')
      writeFileSync(path, '')
      const find = (flags: string): string => {
        const file = openSync(path, flags)
        try {
          return run(findOtherWriters([path]), shell).stdout
        } finally {
          closeSync(file)
        }
      }
      expect(find('a')).to.match(new RegExp(`^process ${process.pid} \\S+`, 'm'))
      expect(find('r')).not.to.match(/^process/m)
    })

  it('describes runs by their users, and services once', () => {
    const found =
      'run deploy\nrun deploy\nprocess 1 rsyslogd rsyslog.service\nprocess 1 rsyslogd rsyslog.service\n'
    expect(describeWriters(found)).to.equal(
      'another run of hostwright (user deploy) and rsyslog.service (process 1, rsyslogd)',
    )
    expect(describeWriters('process 7 vi \n')).to.equal('process 7 (vi)')
    expect(describeWriters('')).to.equal('another process')
  })

  it('has a script that passes shellcheck', () => {
    lint(findOtherWriters(['/a', '/b c']))
  })
})
