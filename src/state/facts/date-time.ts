import { sh } from '../../target/sh.ts'
import { defineFacts } from './fact-group.ts'

export const dateTime = defineFacts({
  names: ['date_time'],
  read: { date: sh`date '+%s %Y-%m-%dT%H:%M:%S %z %Z'` },
  parse({ date: [line = ''] }) {
    const [epoch = '', iso = '', offset = '', zone = ''] = line.split(' ')
    const [date = '', time = ''] = iso.split('T')
    const [year = '', month = '', day = ''] = date.split('-')
    const [hour = '', minute = '', second = ''] = time.split(':')
    return {
      date_time: {
        ...{ epoch, date, time, year, month, day, hour, minute, second },
        tz: zone,
        tz_offset: offset,
        iso8601: epoch === '' ? '' : new Date(Number(epoch) * 1000).toISOString().replace('.000', ''),
      },
    }
  },
})
