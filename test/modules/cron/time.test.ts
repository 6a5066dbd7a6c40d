import { expect } from 'chai'

import { day, hour, minute, month, weekday } from '../../../src/modules/cron/time.ts'

describe('a cron time', () => {
  const good = [
    [minute, '0'],
    [minute, 59],
    [minute, '*/5'],
    [minute, '0-30/10,45'],
    [hour, '8~10'],
    [day, '1,15,31'],
    [month, 'jan'],
    [month, 'Mar-dec/2'],
    [weekday, 'mon-fri'],
    [weekday, '0,7'],
  ] as const
  for (const [field, text] of good)
    it(`accepts ${text}`, () => {
      expect(field.safeParse(text).data).to.equal(String(text))
    })

  const bad = [
    [minute, '60'],
    [minute, '-1'],
    [minute, ''],
    [minute, '1,'],
    [minute, '5 6'],
    [minute, '*/0'],
    [minute, '*/5/2'],
    [minute, '30-10'],
    [hour, 24],
    [day, 0],
    [month, 'mon'],
    [weekday, 'jan'],
    [weekday, 8],
    [minute, '1;reboot'],
  ] as const
  for (const [field, text] of bad)
    it(`rejects ${text === '' ? 'an empty string' : text}`, () => {
      expect(field.safeParse(text).error?.issues[0]?.message).to.match(/^invalid cron time '/)
    })
})
