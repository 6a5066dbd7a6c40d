import { spawnSync } from 'node:child_process'
import { expect } from 'chai'

import { bootstrap, marker, startProgram } from '../../../src/target/shell/bootstrap.ts'

describe('the start of the shell program', () => {
  it('uses a constant that any login shell passes on, and that does not contain the marker', () => {
    expect(bootstrap).not.to.match(/['!\\\n]/)
    expect(bootstrap).not.to.include(marker)
  })

  it('sends the program as one line', () => {
    expect(startProgram('nonce', 'directory')).to.match(/^.*\n$/)
  })

  it('does not run an incomplete program', () => {
    const whole = startProgram('nonce', 'directory')
    for (const share of [0.1, 0.5, 0.9, 0.999]) {
      const input = whole.slice(0, Math.floor(whole.length * share))
      const result = spawnSync('sh', ['-c', bootstrap], { input, encoding: 'utf8' })
      expect(result.stdout).to.equal(marker)
    }
  })
})
