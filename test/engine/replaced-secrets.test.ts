import { expect } from 'chai'

import type { RunEvent, TaskFinished } from '../../src/engine/event.ts'
import { hideFormerSecrets } from '../../src/engine/replaced-secrets.ts'
import type { Change } from '../../src/modules/definition/change.ts'
import { Secrets } from '../../src/variables/secrets/secrets.ts'

describe('hideFormerSecrets', () => {
  const cases: [what: string, before: unknown, after: unknown, shown: unknown][] = [
    [
      'hides a secret in a removed line',
      'user=a\npassword=old\n',
      'user=a\npassword=new one\n',
      'user=a\n‹secret›\n',
    ],
    ['hides a removed value', 'old', 'new one', '‹secret›'],
    [
      'hides all removed lines of a rewritten file',
      'user=a\nold\nmore\n',
      'user=a\nnew one',
      'user=a\n‹secret›\n‹secret›\n',
    ],
    ['shows a removed line if no secret is added', 'port=1\n', 'port=2\n', 'port=1\n'],
    [
      'hides a removed credential even if no secret is added',
      'user=a\npassword=old\n',
      'user=a\n',
      'user=a\npassword=‹secret›\n',
    ],
    ['hides a credential in a removed file', 'DB_PASSWORD: old', null, 'DB_PASSWORD: ‹secret›'],
    ['hides a quoted credential', `define('DB_PASSWORD', 'old');`, '', `define('DB_PASSWORD', '‹secret›`],
    ['hides a credential in JSON', `"api_token": "old",\n"port": 1`, '', `"api_token": "‹secret›\n"port": 1`],
    ['hides a credential in XML', `<password>old</password>`, '', `<password>‹secret›`],
    ['hides a credential after a space', `requirepass old\nbind 1`, '', `requirepass ‹secret›\nbind 1`],
    ['hides an exported credential', `export APP_SECRET='old'`, '', `export APP_SECRET='‹secret›`],
    [
      'shows a certificate and other lines about private keys',
      '-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n# PRIVATE KEY-----\nx',
      'x',
      '-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n# PRIVATE KEY-----\nx',
    ],
    [
      'hides a private key',
      '-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nx',
      'x',
      '‹secret›\n‹secret›\n‹secret›\nx',
    ],
    [
      'shows lines that only mention a credential',
      '# the password is old\ntoken_ttl=30',
      '',
      '# the password is old\ntoken_ttl=30',
    ],
    ['shows nothing if there was no value before', null, 'new one', null],
    ['shows a value that is not a string', ['SELECT'], 'new one', ['SELECT']],
  ]
  const secrets = new Secrets()
  secrets.add('new one')
  secrets.add('{"key": [1, 2]}')

  for (const [what, before, after, shown] of cases)
    it(what, () => {
      const change: Change = { field: 'content', before, after }
      const item = { item: 'a', status: 'changed', changes: [change], msg: '' } as const
      const task = { event: 'task', changes: [change], items: [item] } as unknown as TaskFinished
      const hidden = { field: 'content', before: shown, after: secrets.maskDeep(after) }
      expect(hideFormerSecrets(secrets.maskDeep(task) as RunEvent)).to.deep.equal({
        ...task,
        changes: [hidden],
        items: [{ ...item, changes: [hidden] }],
      })
    })

  const around: [what: string, before: string, after: string, shown: Partial<Change>][] = [
    [
      'hides a credential in a kept line',
      'password=old\nport=1\n',
      'password=old\nport=2\n',
      { before: 'password=‹secret›\nport=1\n', after: 'password=‹secret›\nport=2\n' },
    ],
    [
      'hides a kept credential with the name of a known secret',
      '[a]\npin = 1\n[b]\npin = old\n',
      '[a]\npin = new one\n[b]\npin = old\n',
      { before: '[a]\n‹secret›\n[b]\npin = ‹secret›\n', after: '[a]\npin = ‹secret›\n[b]\npin = ‹secret›\n' },
    ],
    [
      'hides credentials alongside a known secret that contains a name',
      '{"key": [1, 2]}\n',
      '{"key": [1, 2]}\npin = new one\n',
      { before: '‹secret›\n', after: '‹secret›\npin = ‹secret›\n' },
    ],
    [
      'hides a credential that is replaced by an ordinary string',
      'password=old\n',
      'password=changeme\n',
      { before: 'password=‹secret›\n', after: 'password=changeme\n' },
    ],
  ]
  for (const [what, before, after, shown] of around)
    it(what, () => {
      const task = {
        event: 'task',
        changes: [{ field: 'content', before, after }],
      } as unknown as TaskFinished
      expect(hideFormerSecrets(secrets.maskDeep(task) as RunEvent)).to.deep.equal({
        ...task,
        changes: [{ field: 'content', ...shown }],
      })
    })
})
