import { expect } from 'chai'

import type { RunEvent, TaskFinished } from '../../src/engine/event.ts'
import { hideFormerSecrets } from '../../src/engine/replaced-secrets.ts'
import type { Change } from '../../src/modules/definition/module.ts'
import { Secrets } from '../../src/variables/secrets/secrets.ts'

describe('a secret of an earlier run', () => {
  const cases: [what: string, before: unknown, after: unknown, shown: unknown][] = [
    ['goes with its line', 'user=a\npassword=old\n', 'user=a\npassword=new one\n', 'user=a\n‹secret›\n'],
    ['goes with its word', 'old', 'new one', '‹secret›'],
    [
      'is in a file that is no longer as it was',
      'user=a\nold\nmore\n',
      'user=a\nnew one',
      'user=a\n‹secret›\n‹secret›\n',
    ],
    ['is none where no secret comes', 'port=1\n', 'port=2\n', 'port=1\n'],
    ['goes, and no secret comes', 'user=a\npassword=old\n', 'user=a\n', 'user=a\npassword=‹secret›\n'],
    ['goes with the file', 'DB_PASSWORD: old', null, 'DB_PASSWORD: ‹secret›'],
    ['is quoted', `define('DB_PASSWORD', 'old');`, '', `define('DB_PASSWORD', '‹secret›`],
    ['is in JSON', `"api_token": "old",\n"port": 1`, '', `"api_token": "‹secret›\n"port": 1`],
    ['is in XML', `<password>old</password>`, '', `<password>‹secret›`],
    ['follows a space', `requirepass old\nbind 1`, '', `requirepass ‹secret›\nbind 1`],
    ['is exported', `export APP_SECRET='old'`, '', `export APP_SECRET='‹secret›`],
    [
      'is a private key',
      '-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nx',
      'x',
      '‹secret›\n‹secret›\n‹secret›\nx',
    ],
    ['is only named', '# the password is old\ntoken_ttl=30', '', '# the password is old\ntoken_ttl=30'],
    ['is none where nothing was', null, 'new one', null],
    ['is none in what is no text', ['SELECT'], 'new one', ['SELECT']],
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
      'stays beside a change',
      'password=old\nport=1\n',
      'password=old\nport=2\n',
      { before: 'password=‹secret›\nport=1\n', after: 'password=‹secret›\nport=2\n' },
    ],
    [
      'stays under the name of one that is known',
      '[a]\npin = 1\n[b]\npin = old\n',
      '[a]\npin = new one\n[b]\npin = old\n',
      { before: '[a]\n‹secret›\n[b]\npin = ‹secret›\n', after: '[a]\npin = ‹secret›\n[b]\npin = ‹secret›\n' },
    ],
    [
      'stays beside one that is known and has a name in itself',
      '{"key": [1, 2]}\n',
      '{"key": [1, 2]}\npin = new one\n',
      { before: '‹secret›\n', after: '‹secret›\npin = ‹secret›\n' },
    ],
    [
      'is replaced by a text that is none',
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
