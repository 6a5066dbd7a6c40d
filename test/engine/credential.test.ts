import { expect } from 'chai'

import { credentialIn } from '../../src/engine/credential.ts'

describe('credentialIn', () => {
  const cases: [line: string, value: string | undefined][] = [
    ['DB_PASSWORD=x y', 'x y'],
    ["define('DB_PASSWORD', 'x');", "x');"],
    ['<password>x</password>', 'x</password>'],
    ['  requirepass x', 'x'],
    ['requirepass x', 'x'],
    ['#requirepass x', undefined],
    ['set requirepass x', undefined],
    ['api_token: x', 'x'],
    ['"secret-key" => "x"', 'x"'],
    ['passwords = x', undefined],
    ['user = x, password = y', 'y'],
    ['user = x', undefined],
  ]
  for (const [line, value] of cases)
    it(`finds ${value === undefined ? 'no credential' : 'the credential'} in ${line}`, () => {
      const start = credentialIn(line)
      expect(start === undefined ? undefined : line.slice(start)).to.equal(value)
    })
})
