import { spawnSync } from 'node:child_process'
import { expect } from 'chai'
import { launcher } from '../../src/sandbox/container.ts'
import { killer } from '../../src/sandbox/control-group.ts'
import { builder } from '../../src/sandbox/image.ts'
import { customize } from '../../src/sandbox/image-recipe.ts'
import { releases } from '../../src/sandbox/release.ts'

const scripts = {
  'launches a machine': launcher,
  "ends a machine's processes": killer,
  'builds an image': builder,
  ...Object.fromEntries(releases.map((release) => [`makes an image of ${release}`, customize(release)])),
}

describe('the script that', () => {
  for (const [name, script] of Object.entries(scripts)) {
    it(`${name} passes the checks of shells`, () => {
      const checks = [
        ['sh', '-n'],
        ['busybox', 'sh', '-n'],
        ['shellcheck', '--shell=sh', '-'],
      ]
      for (const [program = '', ...argv] of checks) {
        const { status, stdout, stderr } = spawnSync(program, argv, { input: script, encoding: 'utf8' })
        expect({ program, status, said: stdout + stderr }).to.deep.equal({ program, status: 0, said: '' })
      }
    })
  }
})
