import { expect } from 'chai'

import { hideFormerSecrets } from '../../src/engine/replaced-secrets.ts'
import type { TaskFinished } from '../../src/engine/event.ts'
import type { Change } from '../../src/modules/module.ts'
import { Secrets } from '../../src/variables/secrets.ts'

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
    ['is none where nothing was', null, 'new one', null],
    ['is none in what is no text', ['SELECT'], 'new one', ['SELECT']],
  ]
  const secrets = new Secrets()
  secrets.add('new one')

  for (const [what, before, after, shown] of cases)
    it(what, () => {
      const change: Change = { field: 'content', before, after }
      const item = { item: 'a', status: 'changed', changes: [change], msg: '' } as const
      const task = { event: 'task', changes: [change], items: [item] } as unknown as TaskFinished
      const hidden = { ...change, before: shown }
      expect(hideFormerSecrets(task, secrets)).to.deep.equal({
        ...task,
        changes: [hidden],
        items: [{ ...item, changes: [hidden] }],
      })
    })
})
