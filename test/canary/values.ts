import { createHash } from 'node:crypto'

import { quote } from '../../src/target/sh.ts'

/** Returns characters that look random, and are the same in every run. */
function noise(seed: string, length: number): string {
  let text = ''
  for (let index = 0; text.length < length; index += 1)
    text += createHash('sha256').update(`${seed} ${index}`).digest('base64').replaceAll(/[+/=]/g, '')
  return text.slice(0, length)
}

function pem(seed: string, lines: number): string {
  const body = Array.from({ length: lines }, (_, index) => noise(`${seed} ${index}`, 64))
  return ['-----BEGIN CERTIFICATE-----', ...body, '-----END CERTIFICATE-----', ''].join('\n')
}

/** Values of all kinds. Each is a separate variable, and all are in one list and one mapping. */
export const canaries: Readonly<Record<string, string>> = {
  plain: 'Xk29dkLpQw82nv',
  single_quote: "it's-Canary81-o'clock",
  double_quote: 'say "Canary82" twice',
  backslash: String.raw`C:\Canary83\new\table`,
  substitution: '$(echo Canary84)`id`$HOME',
  newline: 'Canary85 first line\nCanary85 second line',
  trailing_newline: 'Canary86-with-newline\n',
  unicode: 'Zürich-Canary87-🐟-日本',
  tab: 'Canary88\tafter\ttabs',
  html: '<b class="Canary89">&amp;</b>',
  one_character: 'ß',
  three_characters: 'q9Z',
  number: '8310947265',
  float: '90817.2635',
  nearly_5_kilobytes: noise('5 KB', 4800),
  nearly_40_kilobytes: pem('40 KB', 600),
  url: 'https://user:Canary90tok@example.invalid/x.git?private_token=Canary91TOKEN',
  key: `-----BEGIN PRIVATE KEY-----\n${noise('key 1', 64)}\n${noise('key 2', 64)}\n-----END PRIVATE KEY-----\n`,
  leading_dash: '-rf --Canary92',
  leading_equals: '=Canary93=cmd',
  percent: '100%25Canary94%s%n',
  spaces: '  Canary95 inside  ',
  json: '{"Canary96": ["a", 1]}',
  yaml: 'Canary97: [a, b] # c',
  jinja: '{{ Canary98 }}',
  pattern: '^Canary99.*[a-z]+(x|y)?$',
  sql: "'; DROP TABLE Canary10; --",
  base64_characters: 'Canary11+/==Canary11+/==',
  crlf: 'Canary12 one\r\nCanary12 two',
  glob: '*Canary13?[!a]',
}

type Spelling = (value: string) => string

const spellings: readonly Spelling[] = [
  (value) => value,
  encodeURIComponent,
  (value) => new URLSearchParams({ value }).toString().slice('value='.length),
  (value) => JSON.stringify(value).slice(1, -1),
  (value) => JSON.stringify(JSON.stringify(value)).slice(3, -3),
  (value) => quote(value).slice(1, -1),
  (value) => Buffer.from(value).toString('base64').replace(/=+$/, '').slice(0, -1),
  (value) =>
    Buffer.from(value)
      .toString('base64')
      .replaceAll(/.{76}/g, '$&\n')
      .replace(/=+\n?$/, '')
      .slice(0, -1),
  (value) => Buffer.from(value).toString('base64url').slice(0, -1),
  (value) => Buffer.from(value).toString('hex'),
  (value) => Buffer.from(value).toString('hex').toUpperCase(),
]

/** The strings that must not be found, each with the name of its value. */
const needles: readonly (readonly [string, string])[] = Object.entries(canaries).flatMap(([name, value]) => {
  if (value.length < 4) return []
  const lines = value.split(/\r?\n/).filter((line) => line.length >= 8)
  const texts = [value, value.trim(), ...lines]
  return [...new Set(texts.flatMap((text) => spellings.map((spell) => spell(text))))].map(
    (needle) => [name, needle] as const,
  )
})

/** A unique word in each value, because a part of a value must not be found either. */
const word = /Canary\d\d/g

/** Returns the names of the values that a text contains, each with the text around it. */
export function leaksIn(text: string): string[] {
  const found = needles
    .filter(([, needle]) => text.includes(needle))
    .map(([name, needle]) => around(text, text.indexOf(needle), name))
  const short = Object.entries(canaries)
    .filter(([, value]) => value.length < 4)
    .flatMap(([name, value]) => {
      const match = new RegExp(`(?<![\\p{L}\\p{N}_])${value}(?![\\p{L}\\p{N}_])`, 'u').exec(text)
      return match === null ? [] : [around(text, match.index, name)]
    })
  const parts = Array.from(text.matchAll(word), ({ index }) => around(text, index, 'a part of a value'))
  return [...found, ...short, ...parts]
}

function around(text: string, index: number, name: string): string {
  return `${name}: ${JSON.stringify(text.slice(Math.max(index - 100, 0), index + 60))}`
}
