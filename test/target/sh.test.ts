import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'

import { UserError } from '../../src/errors.ts'
import { attach, attachFile, joinScripts, quote, sh, type Script } from '../../src/target/sh.ts'
import { bytesOf } from '../attachments.ts'
import { nastyText } from '../nasty-text.ts'

const shells: Record<string, readonly string[]> = {
  dash: ['dash'],
  'BusyBox sh': ['busybox', 'sh'],
  bash: ['bash', '--posix'],
  mksh: ['mksh'],
}

describe('sh', () => {
  let directory: string
  before(() => {
    directory = mkdtempSync(join(tmpdir(), "hostwright's sh "))
  })
  after(() => {
    rmSync(directory, { recursive: true, force: true })
  })

  /** Returns the output of the script, split at NUL. */
  function words([program = '', ...options]: readonly string[], script: Script): string[] {
    for (const [name, content] of script.attachments) writeFileSync(join(directory, name), bytesOf(content))
    const file = join(directory, 'script')
    writeFileSync(file, script.text)
    const done = spawnSync(program, [...options, file], {
      env: { ...process.env, LC_ALL: 'C', FILES: directory },
      maxBuffer: 64 * 1024 * 1024,
    })
    expect(done.stderr.toString()).to.equal('')
    return done.stdout.toString().split('\0').slice(0, -1)
  }

  for (const [name, command] of Object.entries(shells))
    describe(`under ${name}`, () => {
      it('passes every value as one argument', () => {
        fc.assert(
          fc.property(fc.array(nastyText, { minLength: 40, maxLength: 60 }), nastyText, (values, one) => {
            const script = sh`
              printf '%s\\0' ${values} ${one}
              value=${one}; printf '%s\\0' "$value"
              set -- ${values}; printf '%s\\0' "$#"
            `
            expect(words(command, script)).to.deep.equal([...values, one, one, String(values.length)])
          }),
          { numRuns: 5 },
        )
      })

      it('passes attachments byte for byte', () => {
        const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
        const script = joinScripts([
          sh`od -An -v -tx1 ${attach('all.bytes', bytes)} | tr -d ' \\n'; printf '\\0'`,
          sh`wc -c <${attach('empty', '')} | tr -d ' \\n'; printf '\\0'`,
        ])
        expect(words(command, script)).to.deep.equal([bytes.toString('hex'), '0'])
      })

      it('keeps the arguments of a nested script', () => {
        const inner = sh`printf '%s\\0' ${"it's"} ${7} ${[]}`
        expect(words(command, sh`if ${inner}; then ${inner}; fi`)).to.deep.equal(["it's", '7', "it's", '7'])
      })
    })

  it('removes the indentation of the lines, not that of the values', () => {
    const script = sh`
      if true; then
        echo ${'a\n        b'}
      fi
    `
    expect(script.text).to.equal("if true; then\n  echo 'a\n        b'\nfi")
  })

  it('removes the indentation of the first line, even if the others have more', () => {
    expect(
      sh`
      a &&
        b ||
        c
    `.text,
    ).to.equal('a &&\n  b ||\n  c')
  })

  it('keeps lines without indentation and empty lines as they are', () => {
    expect(
      sh`
a
  b

c`.text,
    ).to.equal('a\n  b\n\nc')
    expect(
      sh`

    a

      b
    `.text,
    ).to.equal('a\n\n  b')
  })

  it('rejects a value with a NUL byte', () => {
    expect(() => sh`echo ${'a\0b'}`).to.throw(UserError, 'NUL')
    expect(() => quote('\0')).to.throw(UserError, 'NUL')
  })

  it('rejects different attachments with the same name', () => {
    expect([...sh`cat ${attach('a', 'x')} ${attach('a', 'x')}`.attachments.keys()]).to.deep.equal(['a'])
    expect(() => sh`cat ${attach('a', 'x')} ${attach('a', 'y')}`).to.throw(
      'different attachments with the name a',
    )
    const file = attachFile('a', '/file')
    expect([...sh`cat ${file} ${attachFile('a', '/file')}`.attachments.keys()]).to.deep.equal(['a'])
    for (const other of [attachFile('a', '/other'), attach('a', 'x')])
      for (const both of [[file, other] as const, [other, file] as const])
        expect(() => sh`cat ${both[0]} ${both[1]}`).to.throw('different attachments with the name a')
    for (const name of ['', '../a', 'a b', '-a', '.a', '$a'])
      expect(() => attach(name, ''), name).to.throw('invalid attachment name')
  })
})
