import type { Key } from '../../state/definition/key.ts'
import { hasMatch, match } from '../../state/line-match.ts'
import { path as pathKind } from '../../state/path.ts'
import type { PathState } from '../../state/path/value.ts'
import { port as portKind, portIsOpen, type PortQuestion } from '../../state/port.ts'
import { sh, type Script } from '../../target/sh.ts'

/** A condition to wait for, with a key that reads it once and a test for a loop. */
export interface Awaited {
  readonly name: string
  readonly words: readonly [no: string, yes: string]
  readonly key: Key<boolean | PathState>
  readonly setup: readonly Script[]
  readonly test: Script
  /** The time limit of one test in seconds. */
  readonly testTimeLimit: number
}

interface Given {
  readonly host: string
  readonly port?: number | undefined
  readonly path?: string | undefined
  readonly search_regex?: string | undefined
  readonly connect_timeout: number
}

export function awaitedBy({
  host,
  port,
  path,
  search_regex: pattern,
  connect_timeout: testTimeLimit,
}: Given): Awaited | undefined {
  if (port !== undefined) return awaitedPort({ host, port, connectTimeout: testTimeLimit })
  if (path === undefined) return undefined
  const common = { setup: [], testTimeLimit: 0 }
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
    testTimeLimit: question.connectTimeout,
  }
}

export function isFulfilled(now: boolean | PathState): boolean {
  return typeof now === 'boolean' ? now : now.exists
}
