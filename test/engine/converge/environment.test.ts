import { expect } from 'chai'
import { spawnSync } from 'node:child_process'

import { exportsOf } from '../../../src/engine/converge/environment.ts'
import { attach, sh } from '../../../src/target/sh.ts'

describe('the environment of a task', () => {
  it('is exported before the script, with any value', () => {
    const script = exportsOf({ FIRST: `it's $HOME\n"x"`, SECOND: '' }, sh`printf '%s|' "$FIRST" "$SECOND"`)
    const { stdout } = spawnSync('sh', ['-c', script.text], { encoding: 'utf8' })
    expect(stdout).to.equal(`it's $HOME\n"x"||`)
  })

  it('keeps the attachments of the script', () => {
    const script = sh`cat ${attach('file', 'content')}`
    expect(exportsOf({ A: 'b' }, script).attachments).to.deep.equal(script.attachments)
  })

  it('does not change the script without variables', () => {
    const script = sh`true`
    expect(exportsOf({}, script)).to.equal(script)
  })
})
