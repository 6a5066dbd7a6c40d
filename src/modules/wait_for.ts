import * as z from 'zod'

import { attach, joinScripts, sh, type Script } from '../target/sh.ts'
import type { Change } from './definition/change.ts'
import { defineModule, type Step } from './definition/module.ts'
import { absolutePath, integerParam, nameParam, textParam } from './definition/parameters.ts'
import { awaitedBy, isFulfilled, type Awaited } from './wait/condition.ts'

interface WaitForParams {
  readonly awaited?: Awaited | undefined
  /** True to wait until the condition holds, false until it no longer does. */
  readonly holds: boolean
  /** Seconds. */
  readonly timeout: number
  readonly delay: number
  readonly sleep: number
  readonly msg?: string | undefined
}

const params = z
  .strictObject({
    host: nameParam.default('127.0.0.1'),
    port: integerParam
      .refine((port) => port > 0 && port < 65536, 'expected a port from 1 to 65535')
      .optional(),
    path: absolutePath.optional(),
    search_regex: textParam.optional(),
    state: z
      .enum(['started', 'stopped', 'present', 'absent', 'drained'])
      .refine((state) => state !== 'drained', 'drained is not supported yet')
      .default('started'),
    timeout: integerParam.default(300),
    delay: integerParam.default(0),
    sleep: integerParam.default(1),
    connect_timeout: integerParam.default(5),
    msg: textParam.optional(),
  })
  .superRefine(({ port, path, search_regex: pattern }, context) => {
    const complain = (name: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [name], message })
    }
    if (port !== undefined && path !== undefined) complain('path', "'port' and 'path' exclude each other")
    if (pattern !== undefined && path === undefined)
      complain('search_regex', "needs 'path': matching the data of a port is not supported yet")
  })
  .transform((given): WaitForParams => {
    const { timeout, delay, sleep, msg, state } = given
    return {
      timeout,
      delay,
      sleep,
      msg,
      holds: state === 'started' || state === 'present',
      awaited: awaitedBy(given),
    }
  })

export const waitFor = defineModule({
  name: 'wait_for',
  summary: 'Waits until a port is open or closed, or until a path exists or does not.',
  documentation: () => ({
    parameters: {
      host: 'Host name or address of the port, as seen from the host.',
      port: 'Port to wait for, 1 to 65535.',
      path: 'Absolute path on the host to wait for, instead of `port`.',
      search_regex: 'Extended regular expression (POSIX) that a line of the file at `path` must match.',
      state:
        '`started` and `present` wait until the port is open or the path exists, `stopped` and `absent` until it is closed or missing; `drained` is not supported yet.',
      timeout: 'Seconds after which the task fails; without `port` and `path`, the time to wait.',
      delay: 'Seconds to wait before the first check.',
      sleep: 'Seconds between checks.',
      connect_timeout: 'Time limit in seconds for one attempt to connect.',
      msg: 'Message of the failure.',
    },
    checkMode:
      'Ok if the condition already holds, otherwise unknown: a dry run does not wait. It does not connect to another host if an earlier task would change anything.',
    example: `- name: Wait for the database server
  wait_for:
    port: 3306
    timeout: 60`,
  }),
  params,
  observes: true,
  // the state may change during the delay
  reads: ({ awaited, delay }: WaitForParams) => ({ now: delay > 0 ? undefined : awaited?.key }),
  diff({ now }, { awaited, holds, timeout, delay }): Change[] {
    if (awaited === undefined)
      return [{ field: 'time', before: null, after: `${timeout + delay} seconds later`, transient: true }]
    const [no, yes] = awaited.words
    if (now !== undefined && isFulfilled(now) === holds) return []
    const before = now === undefined ? null : isFulfilled(now) ? yes : no
    return [{ field: awaited.name, before, after: holds ? yes : no, transient: true }]
  },
  apply: (_changes, given): Step[] => [
    {
      script:
        given.awaited === undefined ? sh`sleep ${given.timeout + given.delay}` : poll(given.awaited, given),
      command: `wait for ${given.awaited?.name ?? 'some time'}`,
      // other processes on the host may change anything meanwhile
      writes: [{ type: 'scope', scope: 'anything', until: describeEnd(given) }],
      timeLimit: given.delay + given.timeout + given.sleep + (given.awaited?.testTimeLimit ?? 0) + 30,
    },
  ],
  result: ({ outputs: [output] }) => ({
    elapsed: Number(/^elapsed (\d+)$/m.exec(output?.stdout ?? '')?.[1] ?? 0),
  }),
})

function describeEnd({ awaited, holds }: WaitForParams): string {
  if (awaited === undefined) return 'the time has passed'
  const [no, yes] = awaited.words
  return `${awaited.name} is ${holds ? yes : no}`
}

function poll(awaited: Awaited, { holds, timeout, delay, sleep, msg }: WaitForParams): Script {
  const [no, yes] = awaited.words
  const complaint = msg ?? `${awaited.name} is still ${holds ? no : yes} after ${timeout + delay} seconds`
  return joinScripts([
    ...awaited.setup,
    sh`
      wanted=${holds ? 'yes' : 'no'}
      seen() { if ${awaited.test}; then echo yes; else echo no; fi; }
      start=$(date +%s)
      sleep ${delay}
      until [ "$(seen)" = "$wanted" ]; do
        if [ $(($(date +%s) - start)) -ge ${timeout + delay} ]; then
          cat ${attach('complaint', `${complaint}\n`)} >&2
          exit 1
        fi
        sleep ${sleep}
      done
      echo "elapsed $(($(date +%s) - start))"
    `,
  ])
}
