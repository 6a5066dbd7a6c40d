import { spawnSync } from 'node:child_process'
import { expect } from 'chai'

import { releases } from '../../src/sandbox/debian-release.ts'
import { customize, setUp } from '../../src/sandbox/image/image-recipe.ts'
import { builder } from '../../src/sandbox/image/image.ts'
import { firstProcess, launcher } from '../../src/sandbox/machine/container.ts'
import { killer } from '../../src/sandbox/machine/control-group.ts'
import { bootScript } from '../../src/sandbox/machine/identity.ts'

const scripts = {
  'launches a machine': launcher,
  'is the first process of a machine': firstProcess,
  'tells a machine who it is': bootScript(
    { hostKey: 'host', publicHostKey: "host's", authorizedKey: 'user' },
    '0123456789abcdef0123456789abcdef',
    { hostname: 'web', hosts: '127.0.0.1 localhost\n', resolvConf: '' },
  ),
  "hands apt's passwords to the building of an image": setUp,
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
