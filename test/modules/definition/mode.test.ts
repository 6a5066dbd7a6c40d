import { execFileSync } from 'node:child_process'
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { isSymbolic, parseMode, resolveMode } from '../../../src/modules/definition/mode.ts'

describe('parsing and applying modes', () => {
  for (const [written, means] of [
    ['0644', '0644'],
    ['644', '0644'],
    ['00644', '0644'],
    ['0o644', '0644'],
    ['1777', '1777'],
    [' 0640 ', '0640'],
    [644, '0644'],
    [0o644, '0644'],
    [0o755, '0755'],
    [0o600, '0600'],
    [400, '0400'],
    [1777, '1777'],
    [2755, '2755'],
    [0, '0000'],
    ['u=rwX,g=rX,o=', 'u=rwX,g=rX,o='],
    ['+x', '+x'],
    ['a+t,ug-s', 'a+t,ug-s'],
    [0o777, undefined],
    [-644, undefined],
    [6.44, undefined],
    ['999', undefined],
    ['64', undefined],
    ['', undefined],
    ['rw', undefined],
    ['u=rw, g=r', undefined],
    ['u+q', undefined],
  ] as const)
    it(`${means === undefined ? 'rejects' : `reads ${means} from`} ${JSON.stringify(written)}`, () => {
      expect(parseMode(written)).to.equal(means)
    })

  it('applies symbols with the same result as chmod', () => {
    const directory = mkdtempSync(join(tmpdir(), 'hostwright mode '))
    try {
      const things = [join(directory, 'file'), join(directory, 'directory')] as const
      writeFileSync(things[0], '')
      mkdirSync(things[1])
      const symbols = [
        'u=rwX,g=rX,o=',
        '+w',
        'a=r',
        '=r',
        'u+s,u=rw',
        'g=s',
        '+t',
        'u=t',
        'g=u',
        'o-x+r',
        'ug=',
        'a+X',
      ]
      for (const mode of symbols)
        for (const before of ['0644', '7777', '0751', '0000'])
          for (const thing of things) {
            chmodSync(thing, parseInt(before, 8))
            execFileSync('sh', ['-c', 'umask 022; chmod -- "$0" "$1"', mode, thing])
            const expected = (lstatSync(thing).mode & 0o7777).toString(8).padStart(4, '0')
            expect(resolveMode(mode, before, thing === things[1]), `${mode} on ${before} ${thing}`).to.equal(
              expected,
            )
          }
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  })

  it('applies digits regardless of the current mode', () => {
    expect(resolveMode('0640', '7777', true)).to.equal('0640')
    expect([isSymbolic('0640'), isSymbolic('u+x')]).to.deep.equal([false, true])
  })
})
