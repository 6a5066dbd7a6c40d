import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import { $ } from 'zx'

import { quote } from '../../../src/target/sh.ts'
import { secretMark, Secrets } from '../../../src/variables/secrets/secrets.ts'

function secretsOf(...values: readonly string[]): Secrets {
  const secrets = new Secrets()
  for (const value of values) secrets.add(value)
  return secrets
}

function megabyteOf(text: string): string {
  return text.repeat(Math.ceil(1e6 / text.length)).slice(0, 1e6)
}

/** Returns the CPU time of this process in milliseconds, which the load of the machine does not change. */
function processorTime(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

const certificate = [
  '-----BEGIN PRIVATE KEY-----',
  ...Array.from({ length: 600 }, () => randomBytes(48).toString('base64')),
  '-----END PRIVATE KEY-----',
  '',
].join('\n')

describe('masking a long secret', () => {
  const long = {
    'of 30 KB': randomBytes(15_000).toString('hex'),
    'of 1 MB': randomBytes(500_000).toString('hex'),
  }
  for (const [size, secret] of Object.entries({ ...long, 'of many lines': certificate }))
    it(`hides a secret ${size}`, () => {
      expect(secretsOf(secret).mask(`it is ${secret}!`)).to.equal(`it is ${secretMark}!`)
      expect(secretsOf(secret).mask(`it is ${JSON.stringify(secret)}!`)).to.equal(`it is "${secretMark}"!`)
    })

  it('hides every line of a long secret', () => {
    const secrets = secretsOf(certificate)
    for (const line of certificate.trimEnd().split('\n'))
      expect(secrets.mask(`> ${line}`)).to.equal(`> ${secretMark}`)
  })

  it('hides each of 200 secrets', () => {
    const values = Array.from({ length: 200 }, (_, index) => `${index}/${randomBytes(12).toString('base64')}`)
    expect(secretsOf(...values).mask(values.join(' '))).to.equal(values.map(() => secretMark).join(' '))
  })
})

describe('masking a text of 1 MB', () => {
  const randomDigits = randomBytes(500_000).toString('hex')
  const texts = {
    lines: 'a line of output without any secret in it\n',
    'a dump': '00000000: 6162 6364 6162 6364 6162 6364 6162 6364  abcdabcdabcdabcd\n',
    'a dump in one line': '00000000: 6162 6364 ',
    'bytes with commas': '0x61, 0x62, ',
    ampersands: '&amp;',
    'entities without an end': '&#x61',
    'wide text': 'w\0i\0d\0e\0',
    backslashes: '\\',
    quotes: `'"`,
    'blank lines': '\n',
    'percent signs': '%25',
    'escaped backslashes': '\\u005c',
    'escaped JSON': JSON.stringify(JSON.stringify({ a: "b\n'c'" })),
    'one letter': 'a',
    'near misses of a certificate': certificate.slice(0, -30),
    'near misses of digits': randomDigits.slice(0, -1),
    'near misses of escaped digits': encodeURIComponent(`-${randomDigits.slice(0, 30_000)}`),
  }
  const secrets = {
    'begins with a dash': ['-pass"word\\\n'],
    'is a certificate': [certificate],
    'has 1 MB': [randomDigits],
    'repeats a letter': [`${'a'.repeat(30_000)}b`],
    'repeats a backslash': [`${'\\'.repeat(30_000)}b`],
    'repeats a newline': ['\n'.repeat(30_000) + 'b'],
    'is one of 200': Array.from({ length: 200 }, () => randomBytes(20).toString('base64')),
  }
  for (const [kind, values] of Object.entries(secrets))
    it(`takes well under a second if a secret ${kind}`, () => {
      const masker = secretsOf(...values)
      masker.mask('the secrets are prepared')
      for (const [what, text] of Object.entries(texts)) {
        const long = megabyteOf(text)
        expect(
          processorTime(() => masker.mask(long)),
          what,
        ).to.be.below(700)
      }
    })

  it('takes linear time', () => {
    const masker = secretsOf('-pass"word', `${'a'.repeat(30_000)}b`)
    for (const text of ['\\', '\n', 'a', `\\'`]) {
      const [short, long] = [text.repeat(1e5), text.repeat(2e6)]
      masker.mask(short)
      const once = Math.min(...[1, 2, 3].map(() => processorTime(() => masker.mask(short))))
      expect(
        processorTime(() => masker.mask(long)),
        JSON.stringify(text),
      ).to.be.below(20 * Math.max(once, 5) * 4)
    }
  })
})

describe('masking an encoded secret', () => {
  const escapes: Record<string, (text: string) => string> = {
    JSON: (text) => JSON.stringify(text).slice(1, -1),
    'JSON in ASCII': (text) =>
      JSON.stringify(text)
        .slice(1, -1)
        .replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
    shell: (text) => quote(text).replace(/^'|'$/g, ''),
    'shell with double quotes': (text) => text.replaceAll("'", `'"'"'`),
    'shell with backslashes': (text) => text.replaceAll(/[^\w\n]/gu, '\\$&'),
    URL: encodeURIComponent,
    'URL in lower case': (text) => encodeURIComponent(text).replaceAll(/%../g, (byte) => byte.toLowerCase()),
    'bytes in octal': (text) => bytesOf(text, (byte) => `\\${byte.toString(8).padStart(3, '0')}`),
    'bytes as Python shows them': (text) =>
      bytesOf(text, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`),
    form: (text) => new URLSearchParams({ v: text }).toString().slice(2),
  }
  const entities: Record<string, (text: string) => string> = {
    'HTML entities': (text) =>
      text.replaceAll(
        /[&<>"']/g,
        (sign) => `&${{ '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot' }[sign] ?? '#x27'};`,
      ),
    'HTML entities of HTML entities': (text) =>
      text.replaceAll(/[&<>"']/g, (sign) => `&amp;#${sign.charCodeAt(0)};`),
    'decimal HTML entities': (text) => Array.from(text, (sign) => `&#${sign.codePointAt(0)};`).join(''),
    'hexadecimal HTML entities': (text) =>
      Array.from(text, (sign) => `&#x${sign.codePointAt(0)?.toString(16).toUpperCase()};`).join(''),
  }
  const secret = fc
    .string({ unit: 'grapheme', minLength: 6, maxLength: 40 })
    .filter((value) => /\w{3}/.test(value) && !/[\\%\s\0]$|^[\s]/.test(value))

  it('hides it in any combination of escapes', () => {
    fc.assert(
      fc.property(
        secret,
        fc.array(fc.constantFrom(...Object.entries(escapes)), { maxLength: 5 }),
        (value, layers) => {
          const spelled = layers.reduce((text, [, escape]) => escape(text), value)
          expect(secretsOf(value).mask(`before ${spelled} after`)).to.match(
            /^before .{0,3}‹secret›\S{0,3} after$/u,
          )
        },
      ),
      { numRuns: 1000 },
    )
  })

  for (const [form, escape] of Object.entries(entities))
    it(`hides it in ${form}`, () => {
      fc.assert(
        fc.property(secret, (value) => {
          expect(secretsOf(value).mask(`before ${escape(value)} after`)).to.match(
            /^before .{0,3}‹secret›\S{0,3} after$/u,
          )
        }),
        { numRuns: 500 },
      )
    })

  const dumps = {
    ...{ xxd: 'xxd', 'xxd -g4': 'xxd -g4', 'xxd -i': 'xxd -i', 'hexdump -C': 'hexdump -C' },
    ...{ 'od -tx1': 'od -tx1', 'od without offsets': 'od -An -tx1', 'od with text': 'od -A x -t x1z' },
    'bytes with colons': "od -An -v -tx1 | tr -d '\\n' | tr ' ' :",
    'bytes after \\x': "od -An -v -tx1 | tr -d '\\n' | sed 's/ /\\\\x/g'",
    'wide text': 'iconv -t UTF-16LE',
    'wide text, high bytes first': 'iconv -t UTF-16BE',
    'a PowerShell command': 'iconv -t UTF-16LE | base64 -w0',
    'wide text in base64, high bytes first': 'iconv -t UTF-16BE | base64',
    'a dump of wide text': 'iconv -t UTF-16LE | xxd',
    'base64 of base64': 'base64 -w0 | base64',
  }
  for (const [form, command] of Object.entries(dumps))
    it(`hides it in the output of programs: ${form}`, function () {
      const [program = ''] = command.split(' ')
      if (spawnSync('which', [program]).status !== 0) this.skip()
      const print = (input: string): string =>
        spawnSync('sh', ['-c', command], { input: `${input} after\n`, encoding: 'utf8' }).stdout
      const many = Array.from({ length: 100 }, (_, index) => index).join('/')
      for (const value of ['hunter2', `a secret, with <signs> & "quotes" of 'all' kinds`, many])
        for (const before of ['', '1', 'before ', 'the sixteen chars'])
          for (const arrange of [
            String,
            (text: string) => JSON.stringify({ text }),
            (text: string) => `web1: ${text}`,
          ]) {
            const masked = secretsOf(value).mask(arrange(print(before + value)))
            expect(masked).to.contain(secretMark)
            expect(masked.length, masked).to.be.below(arrange(print(before)).length + 120)
          }
    })

  it('hides it as quoted by programs if it is not ASCII', async () => {
    for (const name of ['pässwört', 'äöü-Zorn', 'Zorn😀', "it's ä and 'ö'"]) {
      const { stdout } = await $({ env: { ...process.env, LC_ALL: 'C' }, quiet: true })`
        ls -- ${`/no/${name}`} 2>&1 || bash -xc ': "$1"' sh ${name} 2>&1`
      expect(secretsOf(name).mask(stdout).split(secretMark), stdout).to.have.length(3)
    }
  })

  it('hides it in the ASCII output of Python', () => {
    expect(secretsOf('pässwört').mask(String.raw`'p\xe4ssw\xf6rt'`)).to.equal("'‹secret›'")
  })

  const digits: Record<string, (bytes: Buffer) => string> = {
    base64: (bytes) => bytes.toString('base64'),
    'base64 for URLs': (bytes) => bytes.toString('base64url'),
    'hexadecimal digits': (bytes) => bytes.toString('hex'),
    'hexadecimal digits in upper case': (bytes) => bytes.toString('hex').toUpperCase(),
  }
  const lines: Record<string, (text: string) => string> = {
    'in one line': (text) => text,
    'in lines of 64': (text) => text.replaceAll(/.{64}/g, '$&\n'),
    'in lines of 76 that end in CRLF': (text) => text.replaceAll(/.{76}/g, '$&\r\n'),
    'in indented lines of 60': (text) => text.replaceAll(/.{60}/g, '$&\n    '),
    'in lines of 76 in JSON': (text) => JSON.stringify(text.replaceAll(/.{76}/g, '$&\n')),
    'URL-encoded': encodeURIComponent,
  }
  for (const [form, encode] of Object.entries(digits))
    for (const [arrangement, arrange] of Object.entries(lines))
      it(`hides it as ${form} ${arrangement}`, () => {
        fc.assert(
          fc.property(
            fc
              .string({ unit: 'grapheme', minLength: 6, maxLength: 300 })
              .filter((value) => Buffer.byteLength(value) >= 6),
            fc.string({ unit: fc.constantFrom('u', ':', 'é'), maxLength: 100 }),
            (value, before) => {
              const spelled = arrange(encode(Buffer.from(before + value)))
              const masked = secretsOf(value).mask(spelled)
              expect(masked).to.contain(secretMark)
              // digits that the secret shares with the text before it may remain
              expect(masked.length).to.be.below(arrange(encode(Buffer.from(before))).length + 25)
            },
          ),
          { numRuns: 100 },
        )
      })

  const short: [value: string, text: string, masked: string][] = [
    ['a', 'Basic YQ== of YQ', 'Basic ‹secret› of YQ'],
    ['ab', 'YWI= YWI', '‹secret› YWI'],
    ['abc', 'YWJj YWJjZA xYWJj', '‹secret› YWJjZA xYWJj'],
    ['abc', '616263 61626364', '‹secret› 61626364'],
    ['12', 'port 3132 of 12', 'port 3132 of ‹secret›'],
    ['a"b', String.raw`{"x":"a\"b"}`, '{"x":"‹secret›"}'],
  ]
  for (const [value, text, masked] of short)
    it(`hides ${JSON.stringify(value)} as a whole word in ${text}`, () => {
      expect(secretsOf(value).mask(text)).to.equal(masked)
    })

  it('hides each line of at least four characters of a secret with several lines', () => {
    const secrets = secretsOf('user: bob\npin: x\nabc\nA1b2\nlonger line')
    expect(secrets.mask('A1b2, pin: x')).to.equal('‹secret›, ‹secret›')
    expect(secrets.mask('xA1b2 abc longer lines')).to.equal('xA1b2 abc ‹secret›s')
  })

  it('leaves other text unchanged', () => {
    const secrets = secretsOf('swordfish', `it's "secret" \\ here`, '🐟\n%41', 'xy')
    const noise = fc.string({
      unit: fc.constantFrom('a', '"', "'", '\\', '\n', '%', '4', '1', '+', ' ', '🐟'),
    })
    fc.assert(
      fc.property(noise, (text) => {
        expect(secrets.mask(text)).to.equal(text)
      }),
      { numRuns: 1000 },
    )
  })

  it('hides a percent sign in HTML entities that looks like URL encoding', () => {
    for (const spelled of [
      '&#112;&#37;&#52;&#49;&#115;&#115;',
      'p&#37;41ss',
      'p%41ss',
      'p%2541ss',
      'p%252541ss',
    ])
      expect(secretsOf('p%41ss').mask(`<${spelled}>`)).to.equal(`<${secretMark}>`)
  })

  it('hides every control character that JSON escapes', () => {
    const value = 'a\nb\rc\td\be\ff'
    expect(secretsOf(value).mask(JSON.stringify({ value }))).to.equal('{"value":"‹secret›"}')
  })

  it('hides a secret of two short lines that end in CRLF', () => {
    const secrets = secretsOf('ab1\ncd2')
    expect(secrets.mask(JSON.stringify('ab1\r\ncd2'))).to.equal('"‹secret›"')
    expect(secrets.mask(JSON.stringify('ab1\rcd2'))).to.equal('"ab1\\rcd2"')
  })

  it('hides a wrapped secret exactly to its last digit', () => {
    const value = 'correct horse battery staple and several more words'
    const wrapped = Buffer.from(value).toString('hex').replaceAll(/.{60}/g, '$&\n')
    expect(secretsOf(value).mask(`<${wrapped}>`)).to.equal('<‹secret›>')
  })

  it('hides a secret of one character between other characters than letters and digits', () => {
    expect(secretsOf('+').mask('+ a ++ b+')).to.equal('‹secret› a ‹secret›‹secret› b+')
  })

  it('hides two secrets that overlap', () => {
    expect(secretsOf('abcdef', 'defghi').mask('xabcdefghix')).to.equal('x‹secret›x')
  })
})

function bytesOf(text: string, escape: (byte: number) => string): string {
  const shown = Array.from(Buffer.from(text), (byte) =>
    byte < 0x20 || byte > 0x7e ? escape(byte) : String.fromCharCode(byte),
  )
  return shown.join('')
}

describe('a text that cannot be masked', () => {
  it('is not part of the error', () => {
    const value = {
      get password(): string {
        throw new Error('hunter2')
      },
    }
    expect(() => secretsOf('hunter2').maskDeep(value)).to.throw(/^masking failed, so the text is not shown$/)
  })
})
