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
  'sets the identity of a machine': bootScript(
    { hostKey: 'host', publicHostKey: "host's", authorizedKey: 'user' },
    '0123456789abcdef0123456789abcdef',
    { hostname: 'web', hosts: '127.0.0.1 localhost\n', resolvConf: '' },
  ),
  "passes apt's passwords to the build of an image": setUp,
  "kills a machine's processes": killer,
  'builds an image': builder,
  ...Object.fromEntries(releases.map((release) => [`customizes an image of ${release}`, customize(release)])),
}

describe('the scripts of throw-away machines', () => {
  for (const [name, script] of Object.entries(scripts)) {
    it(`pass shellcheck: the script that ${name}`, () => {
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
