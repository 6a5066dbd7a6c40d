import type * as z from 'zod'

import { textParam } from '../definition/parameters.ts'

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

export const minute = field(0, 59)
export const hour = field(0, 23)
export const day = field(1, 31)
export const month = field(1, 12, months)
/** Sunday is 0 and 7. */
export const weekday = field(0, 7, weekdays)

/**
 * Returns the schema of a time field. It is strict because cron only logs an invalid line in /etc/cron.d and skips it.
 *
 * @param names the names of the numbers, beginning with `least`
 */
function field(least: number, most: number, names: readonly string[] = []): z.ZodType<string> {
  const numberOf = (text: string): number => {
    const place = names.indexOf(text.toLowerCase())
    return place >= 0 ? place + least : /^\d+$/.test(text) ? Number(text) : NaN
  }
  const isIn = (text: string): boolean => numberOf(text) >= least && numberOf(text) <= most
  const isPart = (part: string): boolean => {
    const [range = '', step, ...more] = part.split('/')
    if (more.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) return false
    if (range === '*') return true
    const [from = '', to, ...others] = range.split(/[-~]/)
    if (others.length > 0 || !isIn(from)) return false
    return to === undefined || (isIn(to) && numberOf(from) <= numberOf(to))
  }
  const wanted = `${least} to ${most}${names.length === 0 ? '' : `, ${names[0] ?? ''} to ${names.at(-1) ?? ''}`}`
  return textParam.refine((text) => text.split(',').every(isPart), {
    error: ({ input }) =>
      `invalid cron time '${String(input)}': write numbers from ${wanted}, *, 1-5, */5 or 1,3`,
  })
}
