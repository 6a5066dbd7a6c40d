import { z } from 'zod'

import type { Key } from '../state/key.ts'
import { hasMatch, match } from '../state/match.ts'
import { path as pathKind, type PathState } from '../state/path.ts'
import { port as portKind, portIsOpen, type PortQuestion } from '../state/port.ts'
import { joinScripts, sh, type Script } from '../target/sh.ts'
import { defineModule, type Change, type Step } from './module.ts'
import { absolutePath, integerParam, nameParam, textParam } from './parameters.ts'

interface WaitForParams {
  readonly awaited?: Awaited | undefined
  /** That it comes to hold, or that it ceases to. */
  readonly holds: boolean
  /** Seconds. */
  readonly timeout: number
  readonly delay: number
  readonly sleep: number
  readonly msg?: string | undefined
}

/** What is waited for, with how to ask for it once and how to test it in a loop. */
interface Awaited {
  readonly name: string
  readonly words: readonly [no: string, yes: string]
  readonly key: Key<boolean | PathState>
  readonly setup: readonly Script[]
  readonly test: Script
  /** Seconds that one test may take. */
  readonly patience: number
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
      complain('search_regex', "needs 'path'; what a port says is not read yet")
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

interface Given {
  readonly host: string
  readonly port?: number | undefined
  readonly path?: string | undefined
  readonly search_regex?: string | undefined
  readonly connect_timeout: number
}

function awaitedBy({
  host,
  port,
  path,
  search_regex: pattern,
  connect_timeout: patience,
}: Given): Awaited | undefined {
  if (port !== undefined) return awaitedPort({ host, port, connectTimeout: patience })
  if (path === undefined) return undefined
  const common = { setup: [], patience: 0 }
  return pattern === undefined
    ? {
        ...common,
        name: path,
        words: ['absent', 'present'],
        key: pathKind.key({ path }),
        test: sh`[ -e ${path} ] || [ -L ${path} ]`,
      }
    : {
        ...common,
        name: `${path} with ${pattern}`,
        words: ['absent', 'present'],
        key: match.key({ path, pattern }),
        test: hasMatch({ path, pattern }),
      }
}

function awaitedPort(question: PortQuestion): Awaited {
  const { setup, test } = portIsOpen(question)
  return {
    name: `port ${question.port} of ${question.host}`,
    words: ['closed', 'open'],
    key: portKind.key(question),
    setup: [setup],
    test,
    patience: question.connectTimeout,
  }
}

export const waitFor = defineModule({
  name: 'wait_for',
  summary: 'Waits until a port is open or closed, or a path is there or gone.',
  params,
  observes: true,
  // after a delay the present state says nothing
  reads: ({ awaited, delay }: WaitForParams) => ({ now: delay > 0 ? undefined : awaited?.key }),
  diff({ now }, { awaited, holds, timeout, delay }): Change[] {
    if (awaited === undefined)
      return [{ field: 'time', before: null, after: `${timeout + delay} seconds later`, transient: true }]
    const [no, yes] = awaited.words
    if (now !== undefined && isSo(now) === holds) return []
    const before = now === undefined ? null : isSo(now) ? yes : no
    return [{ field: awaited.name, before, after: holds ? yes : no, transient: true }]
  },
  apply: (_changes, given): Step[] => [
    {
      script:
        given.awaited === undefined ? sh`sleep ${given.timeout + given.delay}` : poll(given.awaited, given),
      // meanwhile whatever runs on the host goes on
      writes: [{ type: 'scope', scope: 'anything', until: `${given.awaited?.name ?? 'time'} is as wanted` }],
      timeLimit: given.delay + given.timeout + given.sleep + (given.awaited?.patience ?? 0) + 30,
    },
  ],
  result: ({ outputs: [output] }) => ({
    elapsed: Number(/^elapsed (\d+)$/m.exec(output?.stdout ?? '')?.[1] ?? 0),
  }),
})

function isSo(now: boolean | PathState): boolean {
  return typeof now === 'boolean' ? now : now.exists
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
          printf '%s\\n' ${complaint} >&2
          exit 1
        fi
        sleep ${sleep}
      done
      echo "elapsed $(($(date +%s) - start))"
    `,
  ])
}
