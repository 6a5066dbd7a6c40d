import { execFileSync, spawnSync } from 'node:child_process'
import { expect } from 'chai'

import { bootstrap, startProgram } from '../../../src/target/shell/bootstrap.ts'
import { program } from '../../../src/target/shell/shell-program.ts'

describe('the shell program', () => {
  const parts = {
    bootstrap,
    program: `nonce=$1 directory=$2\n${program}`,
    'the program as sent': startProgram('nonce', 'directory').trim(),
  }

  for (const name of ['bootstrap', 'program'] as const) {
    it(`passes shellcheck: ${name}`, () => {
      const text = parts[name]
      // SC2034: used by the program that it evals. SC2016: expanded by the script.
      const checked = spawnSync('shellcheck', ['--shell=sh', '--exclude=SC2034,SC2016', '-'], {
        input: `${text}\n`,
        encoding: 'utf8',
      })
      expect(checked.stdout).to.equal('')
      expect(checked.status).to.equal(0)
    })
  }

  for (const [name, text] of Object.entries(parts)) {
    for (const shell of ['dash', 'busybox', 'bash', 'mksh']) {
      it(`is valid syntax for ${shell}: ${name}`, () => {
        const words = shell === 'busybox' ? ['sh', '-n'] : ['-n']
        execFileSync(shell, words, { input: `${text}\n` })
      })
    }
  }
})
