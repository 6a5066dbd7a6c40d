import { expect } from 'chai'
import fc from 'fast-check'
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { quote } from '../../../src/target/sh.ts'
import { Scope } from '../../../src/variables/scope.ts'
import { Secrets } from '../../../src/variables/secrets/secrets.ts'
import { type SecretOrigin, SecretSource } from '../../../src/yaml/secret-source.ts'
import { parseYaml } from '../../../src/yaml/yaml-document.ts'
import { at, expression, layer } from '../written.ts'

function secretsOf(...values: readonly string[]): Secrets {
  const secrets = new Secrets()
  for (const value of values) secrets.add(value)
  return secrets
}

describe('the masking of secrets', () => {
  const cases: [string[], string, string][] = [
    [['hunter2'], 'password is hunter2!', 'password is ‹secret›!'],
    [['hunter2'], 'hunter2hunter2', '‹secret›‹secret›'],
    [['pass', 'password'], 'my password', 'my ‹secret›'],
    [['abc'], 'abc abcd xabc abc.', '‹secret› abcd xabc ‹secret›.'],
    [['1'], 'port 1 of 11', 'port ‹secret› of 11'],
    [["it's me"], `echo 'it'\\''s me'`, "echo '‹secret›'"],
    [['a"b\\c\n'], JSON.stringify({ x: 'a"b\\c\n' }), '{"x":"‹secret›"}'],
    [['p@ss/wörd+1'], encodeURIComponent('p@ss/wörd+1'), '‹secret›'],
    [['p@ss/wörd+1'], 'p%40ss%2fw%c3%b6rd%2b1', '‹secret›'],
    [['two words'], 'two+words two%20words', '‹secret› ‹secret›'],
    [['hunter2'], `Basic ${Buffer.from('hunter2').toString('base64')}`, 'Basic ‹secret›'],
    [['hunter2'], `Basic ${Buffer.from('user:hunter2').toString('base64')}`, 'Basic dXNlcjp‹secret›'],
    [['$1.*[a]'], 'x$1.*[a]y', 'x‹secret›y'],
    [['first line of it\nsecond line'], 'found: second line', 'found: ‹secret›'],
    [['with newline\n'], 'with newline', '‹secret›'],
    [[''], 'nothing', 'nothing'],
    [[], 'nothing', 'nothing'],
  ]
  for (const [values, text, expected] of cases) {
    it(`hides them in ${JSON.stringify(text)}`, () => {
      expect(secretsOf(...values).mask(text)).to.equal(expected)
    })
  }

  it('hides them in every encoding and at every place', () => {
    const spell: ((value: string) => string)[] = [
      (value) => value,
      quote,
      (value) => JSON.stringify(value),
      (value) => JSON.stringify(JSON.stringify(value)),
      encodeURIComponent,
      (value) => new URLSearchParams({ value }).toString(),
      (value) => Buffer.from(value).toString('base64'),
      (value) => Buffer.from(value).toString('base64url'),
      (value) => quote(JSON.stringify(value)),
      (value) => encodeURIComponent(quote(value)),
    ]
    const secret = fc
      .string({ unit: 'grapheme', minLength: 4, maxLength: 40 })
      .filter((value) => value.trim() === value && !value.includes('\0'))
    fc.assert(
      fc.property(
        secret,
        fc.string(),
        fc.string(),
        fc.constantFrom(...spell),
        (value, before, after, spelling) => {
          const spelled = spelling(value)
          const core = spelled.replace(/^(["']|value=)|["']$/g, '')
          const masked = secretsOf(value).mask(`${before}\n${spelled}\n${after}`)
          expect(masked).to.contain('‹secret›')
          if (!`${before}${after}‹secret›'"value=`.includes(core)) expect(masked).not.to.contain(core)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('leaves other text unchanged', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n', '"') }), (text) => {
        expect(secretsOf('swordfish', '🐟🐟🐟🐟').mask(text)).to.equal(text)
      }),
    )
  })

  it('hides a secret once it is registered', () => {
    const secrets = secretsOf('first one')
    expect(secrets.mask('first one, second one')).to.equal('‹secret›, second one')
    secrets.add('second one')
    expect(secrets.mask('first one, second one')).to.equal('‹secret›, ‹secret›')
  })

  it('hides them in every part of a value', () => {
    const value = { a: ['x hunter2', 5, null, true], 'key hunter2': { b: 'hunter2' } }
    expect(secretsOf('hunter2').maskDeep(value)).to.deep.equal({
      a: ['x ‹secret›', 5, null, true],
      'key ‹secret›': { b: '‹secret›' },
    })
  })

  it('hides numbers', () => {
    expect(secretsOf('12345').maskDeep({ pin: 12345, port: 80 })).to.deep.equal({ pin: '‹secret›', port: 80 })
  })

  it('finds one of many secrets in a long text', () => {
    const secrets = secretsOf(...Array.from({ length: 100 }, (_, index) => `secret number ${index}`))
    const text = 'a line of output without any secret in it\n'.repeat(20_000)
    expect(secrets.mask(`${text}secret number 99`)).to.equal(`${text}‹secret›`)
  })
})

describe('the origin of a secret', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hostwright-secrets-'))
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
    delete process.env['HOSTWRIGHT_TEST_SECRET']
  })

  function resolve(origin: SecretOrigin, secrets = new Secrets()): string {
    return secrets.resolve(new SecretSource(origin, at))
  }

  it('can be an environment variable', () => {
    process.env['HOSTWRIGHT_TEST_SECRET'] = 'from outside'
    const secrets = new Secrets()
    expect(resolve({ type: 'environment', name: 'HOSTWRIGHT_TEST_SECRET' }, secrets)).to.equal('from outside')
    expect(secrets.mask('from outside')).to.equal('‹secret›')
  })

  it('is reported if the environment variable is not set', () => {
    expect(() => resolve({ type: 'environment', name: 'HOSTWRIGHT_TEST_SECRET' })).to.throw(
      'site.yml:3:7: the environment variable HOSTWRIGHT_TEST_SECRET of a secret is not set',
    )
  })

  it('can be a file, whose last newline is removed', () => {
    const path = join(folder, 'password')
    writeFileSync(path, 'line one\nline two\n', { mode: 0o600 })
    expect(resolve({ type: 'file', path })).to.equal('line one\nline two')
  })

  it('is reported if the file is missing or empty', () => {
    const path = join(folder, 'password')
    expect(() => resolve({ type: 'file', path })).to.throw(`the secret file ${path} does not exist`)
    writeFileSync(path, '\n', { mode: 0o600 })
    expect(() => resolve({ type: 'file', path, generate: 8 })).to.throw(`the secret file ${path} is empty`)
  })

  it('is rejected if other users can read or change the file', () => {
    const path = join(folder, 'password')
    writeFileSync(path, 'open sesame\n')
    for (const [mode, verb] of [
      [0o644, 'read'],
      [0o666, 'change'],
    ] as const) {
      chmodSync(path, mode)
      expect(() => resolve({ type: 'file', path, generate: 8 })).to.throw(
        `site.yml:3:7: the secret file ${path} is insecure: other users can ${verb} it (mode 0${mode.toString(8)}): chmod 600 ${path}`,
      )
    }
  })

  it('can be a file that is generated once', () => {
    const path = join(folder, 'deep', 'er', 'password')
    const password = resolve({ type: 'file', path, generate: 32 })
    expect(password).to.match(/^[A-Za-z0-9]{32}$/)
    expect(resolve({ type: 'file', path, generate: 32 })).to.equal(password)
    expect(readFileSync(path, 'utf8')).to.equal(`${password}\n`)
    expect(statSync(path).mode & 0o777).to.equal(0o600)
    expect(statSync(join(folder, 'deep')).mode & 0o777).to.equal(0o700)
    expect(readdirSync(join(folder, 'deep', 'er'))).to.deep.equal(['password'])
  })

  it('can be a file that a dry run generates in memory', () => {
    const path = join(folder, 'deep', 'password')
    const secrets = new Secrets({ dryRun: true })
    const password = resolve({ type: 'file', path, generate: 16 }, secrets)
    expect(resolve({ type: 'file', path, generate: 16 }, secrets)).to.equal(password)
    expect(existsSync(join(folder, 'deep'))).to.equal(false)
    expect(secrets.mask(password)).to.equal('‹secret›')
  })

  it('can be a tagged value in YAML, read through variables', () => {
    process.env['HOSTWRIGHT_TEST_SECRET'] = 'a <%= b %> c'
    const { value } = parseYaml(
      'a: !secret {env: HOSTWRIGHT_TEST_SECRET}\nb: !secret "x<%= c %>x"\nc: text\nd: {e: "<%= a %>!"}',
      'all.yml',
    )
    const scope = new Scope([layer(value as object)])
    expect(scope.get('d')).to.deep.equal({ e: 'a <%= b %> c!' })
    expect(scope.evaluate(expression('a.length'))).to.equal(12)
    expect(scope.get('b')).to.equal('xtextx')
    expect(scope.secrets.mask('a <%= b %> c and xtextx')).to.equal('‹secret› and ‹secret›')
  })
})
