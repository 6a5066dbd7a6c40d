import * as z from 'zod'

import { TaskFailure } from '../errors.ts'
import { crontab, type CrontabQuestion, type CrontabValue } from '../state/crontab.ts'
import { path } from '../state/path.ts'
import { endOf, type PathState } from '../state/path/value.ts'
import { demandAsRead, swapLock } from '../state/swap/swap-lock.ts'
import { attach, type Attachment, type Script, sh } from '../target/sh.ts'
import { defined } from '../text/defined.ts'
import {
  jobOf,
  variableOf,
  withJob,
  withoutJob,
  withoutVariable,
  withVariable,
  type Crontab,
} from './cron/crontab-text.ts'
import { day, hour, minute, month, weekday } from './cron/time.ts'
import { accountName } from './definition/account-name.ts'
import type { Change } from './definition/change.ts'
import { defineModule, type Step, when } from './definition/module.ts'
import { booleanParam, nameParam, textParam } from './definition/parameters.ts'
import { chownArgument, modeAfter } from './placement/ownership.ts'
import { demandRegularFile } from './placement/regular-file.ts'
import { replaceFile } from './placement/replacement.ts'
import { demandTrustedLinks } from './placement/untrusted-link.ts'
import { demandNothingLost } from './text/lost-bytes.ts'

const singleLine = textParam.refine((text) => !text.includes('\n'), 'must be one line')
const special = ['reboot', 'yearly', 'annually', 'monthly', 'weekly', 'daily', 'hourly'] as const

const fields = z.strictObject({
  name: singleLine.refine((text) => text !== '', 'must not be empty'),
  state: z.enum(['present', 'absent']).default('present'),
  job: singleLine.optional(),
  user: accountName.optional(),
  cron_file: nameParam.optional(),
  minute: minute.optional(),
  hour: hour.optional(),
  day: day.optional(),
  month: month.optional(),
  weekday: weekday.optional(),
  special_time: z.enum(special).optional(),
  disabled: booleanParam.default(false),
  env: booleanParam.default(false),
})

const params = fields.superRefine((given, context) => {
  const problem = problemOf(given)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

type Params = z.output<typeof fields>

export const cron = defineModule({
  name: 'cron',
  summary: 'Manages a cron job, or a variable of a crontab, by its name.',
  documentation: () => ({
    parameters: {
      name: 'Name of the job, kept in a comment `#Ansible: name` above it; with `env: true` the name of the variable.',
      state: '`present` creates or updates the job, `absent` removes it.',
      job: 'Command line to run; with `env: true` the value of the variable. Required with `state: present`.',
      user: 'Owner of the crontab, by default the user of the task; with `cron_file`, the user that runs the job (required).',
      cron_file: 'File in /etc/cron.d, or an absolute path, to use instead of the crontab of a user.',
      minute: 'Minutes, 0 to 59, as in `5`, `1,31`, `0-29` or `*/10`; `*` by default.',
      hour: 'Hours, 0 to 23, in the same notation; `*` by default.',
      day: 'Days of the month, 1 to 31, in the same notation; `*` by default.',
      month: 'Months, 1 to 12 or jan to dec, in the same notation; `*` by default.',
      weekday:
        'Days of the week, 0 to 7 (0 and 7 are Sunday) or sun to sat, in the same notation; `*` by default.',
      special_time: 'Runs the job at boot or once per period, instead of at the five times above.',
      disabled: 'Writes the job commented out.',
      env: 'Manages a variable of the crontab instead of a job.',
    },
    checkMode: 'Decided: the crontab is read. Fails if the host has no cron.',
    example: `- name: Renew certificates every night
  cron:
    name: Renew certificates
    cron_file: certificates
    user: root
    minute: 17
    hour: 3
    job: certbot renew --quiet`,
  }),
  params,
  reads: (wanted: Params) => ({
    crontab: crontab.key(questionOf(wanted)),
    file: when(fileOf(wanted), () => path.key({ path: fileOf(wanted) ?? '', follow: true })),
  }),
  diff({ crontab: found, file }, wanted): Change[] {
    if (file !== undefined) demandEditable(fileOf(wanted) ?? '', endOf(file))
    if (!found.writable)
      throw new TaskFailure('this host has no cron', { hint: 'install the package cron before this task' })
    const table = tableOf(found)
    const before = wanted.env ? variableOf(table, wanted.name) : jobOf(table, wanted.name)
    const after = wanted.state === 'absent' ? undefined : lineOf(wanted)
    if (before === after) return []
    demandNothingLost(fileOf(wanted) ?? 'the crontab', table)
    return [{ field: wanted.env ? wanted.name : 'job', before, after }]
  },
  apply: (_changes, wanted, { crontab: found, file }) => [
    stepOf(wanted, edited(wanted, tableOf(found)).join('\n'), file ?? { exists: false }, found),
  ],
  result: ({ params: wanted, state }) => ({
    jobs: [...tableOf(state.crontab)].flatMap(nameOf),
    cron_file: wanted.cron_file,
  }),
})

function problemOf(given: Params): string | undefined {
  const { state, job, cron_file, user, special_time, minute, hour, day, month, weekday, env, name } = given
  if (state === 'present' && job === undefined) return 'needs job'
  if (cron_file !== undefined && !cron_file.startsWith('/') && !/^[\w-]+$/.test(cron_file))
    return `invalid cron_file '${cron_file}': cron ignores names with other characters than letters, digits, _ and -`
  if (cron_file !== undefined && state === 'present' && !env && user === undefined)
    return 'a job in a cron_file needs user'
  const times = [minute, hour, day, month, weekday].some((time) => time !== undefined)
  if (special_time !== undefined && times)
    return 'special_time cannot be combined with minute, hour, day, month or weekday'
  if (env && !/^\w+$/.test(name)) return `invalid variable name '${name}'`
  return undefined
}

function demandEditable(path: string, state: PathState): void {
  demandTrustedLinks(path, state)
  demandRegularFile(path, state)
}

function questionOf({ cron_file, user }: Params): CrontabQuestion {
  const file = fileOf({ cron_file })
  if (file !== undefined) return { file }
  return user === undefined ? {} : { user }
}

function fileOf({ cron_file: name }: Pick<Params, 'cron_file'>): string | undefined {
  return name === undefined || name.startsWith('/') ? name : `/etc/cron.d/${name}`
}

function lineOf(wanted: Params): string {
  if (wanted.env) return `"${wanted.job ?? ''}"`
  const { minute = '*', hour = '*', day = '*', month = '*', weekday = '*', special_time, user } = wanted
  const time = special_time === undefined ? [minute, hour, day, month, weekday].join(' ') : `@${special_time}`
  const line = [time, ...(wanted.cron_file === undefined ? [] : [user]), wanted.job].join(' ')
  return wanted.disabled ? `#${line}` : line
}

function edited(wanted: Params, table: Crontab): Crontab {
  const { name, env, state } = wanted
  if (state === 'absent') return env ? withoutVariable(table, name) : withoutJob(table, name)
  return env ? withVariable(table, name, lineOf(wanted)) : withJob(table, name, lineOf(wanted))
}

function stepOf(wanted: Params, content: string, file: PathState, found: CrontabValue): Step {
  const question = questionOf(wanted)
  const text = content === '' ? '' : `${content}\n`
  const written = crontab.write(question, { writable: true, exists: true, content })
  const table = attach('crontab', text)
  if (!('file' in question)) {
    return { script: replaceCrontab(question.user, table, found), swaps: true, writes: [written] }
  }
  const now = endOf(file)
  return {
    script: replaceFile({
      path: now.real ?? question.file,
      content: table,
      mode: modeAfter(now, {}, false),
      owner: chownArgument(now, {}),
      seen: now.exists ? { ...now, ...defined({ sha256: found.sha256 }) } : now,
      edits: false,
      backup: false,
      candidate: undefined,
    }),
    swaps: true,
    writes: [written, path.write({ path: question.file })],
  }
}

/** Replaces the crontab of a user if it is as it was read. */
function replaceCrontab(user: string | undefined, table: Attachment, found: CrontabValue): Script {
  const owner = user === undefined ? [] : ['-u', user]
  return sh`
    path=${user === undefined ? 'the crontab' : `the crontab of ${user}`}
    ${swapLock}
    ${demandAsRead}
    digest_crontab() {
      if table=$(crontab ${owner} -l 2>/dev/null); then printf '%s\\n' "$table" | sha256sum
      else echo absent
      fi
    }
    swap_lock
    demand_as_read [ "$(digest_crontab)" = ${found.exists ? `${found.sha256 ?? ''}  -` : 'absent'} ]
    crontab ${owner} - <${table}
  `
}

function tableOf({ content }: CrontabValue): Crontab {
  return content === '' ? [] : content.split('\n')
}

function nameOf(line: string): string[] {
  const name = /^#Ansible: (.*)$/.exec(line)?.[1]
  return name === undefined ? [] : [name]
}
