import { expect } from 'chai'

import { fileFor } from '../../src/modules/apt/sources-text.ts'
import type { AnyModule, Given } from '../../src/modules/definition/module.ts'
import { modules } from '../../src/modules/index.ts'
import { editIni } from '../../src/modules/text/ini-edit.ts'
import type { AnyKind, Key, Reads, Values } from '../../src/state/definition/key.ts'
import { facts } from '../../src/state/facts.ts'
import { network } from '../../src/state/facts/network.ts'
import { parseResponses } from '../../src/state/http/response.ts'
import { parseGrants, splitPrivileges } from '../../src/state/mysql/grants.ts'
import { pending } from '../../src/state/pending-handlers.ts'
import { timezone } from '../../src/state/timezone.ts'
import { unit } from '../../src/state/unit.ts'
import { isLike } from '../../src/state/unit/answer.ts'
import type { UnitValue } from '../../src/state/unit/value.ts'
import { describeSudoFailure } from '../../src/target/shell/sudo.ts'
import { run } from './harness.ts'
import { madeUpAnswers } from './made-up-answers.ts'
import { samples } from './samples.ts'

/**
 * The bytes that a hostile host puts into its answer, and the milliseconds in which these must be parsed or rejected.
 */
const size = 1024 * 1024
const limit = 1000

/** Texts that slow down a bad regular expression, or a loop that restarts from the beginning. */
const fillers = [
  ...[
    ' ',
    '\t',
    '\r\n',
    '\r',
    '\n',
    '\0',
    'a',
    '0',
    '=',
    ':',
    '`',
    ',',
    '(',
    '[',
    '"',
    "'",
    '\\',
    '/',
    '@',
    '.',
    '|',
    '#',
  ],
  ...[' a', 'a ', '\na', ' ON ', ' WITH ', '\u2028', '<a', 'a:', '/zoneinfo/', '\n== '],
].map((unit) => unit.repeat(Math.ceil(size / unit.length)))

/** Answers that this machine does not give. */
const morePrinted: Readonly<Record<string, readonly string[]>> = {
  uri: [
    '== response\nZGF0YQ==\ncode 0\n< HTTP/1.1 200 OK\n< A: b\n',
    '== response\n\ncode 7\n! curl: (7) failed\n',
  ],
  mysql: ['server mariadb 1\n', 'GRANT SELECT (`a`) ON `b`.* TO `c`@`d` WITH GRANT OPTION\n'],
  timezone: ['/usr/share/zoneinfo/Europe/Vienna\nEurope/Vienna\nzones\nknown\n'],
}

const iniEdit = {
  ...({ state: 'present', exclusive: true, no_extra_spaces: false, ignore_spaces: false } as const),
  ...{ allow_no_value: false, modify_inactive_option: true },
}
const much = (unit: string): string => unit.repeat(Math.ceil(size / unit.length))
const request = { url: 'http://127.0.0.1:9/', method: 'GET' }
const unitValue = { id: 'a.service', related: [], exists: true } as unknown as UnitValue

/** The inputs that earlier parsers handled slowest. */
const worst: Readonly<Record<string, () => unknown>> = {
  'a header of spaces': () =>
    parseResponses(`== response\n\ncode 0\n< HTTP/1.1 200 OK\n< A: b${much(' ')}x\n`, [request]),
  'privileges with many quotes': () => splitPrivileges(`${much('``')}\`)`),
  'privileges with many spaces': () => splitPrivileges(`${much(' ')}x)`),
  'a grant with many ON': () => parseGrants([`GRANT a${much(' ON `b`')}`]),
  'a grant with many quotes': () => parseGrants([`GRANT a ON ${much('``')}`]),
  'a grant to many roles': () => parseGrants([`GRANT ${much('`a`@`b`,')}`]),
  'a link through many zones': () =>
    timezone.parse(`${much('/zoneinfo/')}\u2028x\n\nzones\nknown\n`, [{ zone: 'UTC' }]),
  'a route with a long device': () =>
    network.parse({ addresses: [], links: [], routes: [`default via a dev ${much('b')}\u2028x`] }),
  'a path with many @': () =>
    unit.touchedBy(
      { name: `${much('@')}.service` },
      { type: 'thing', kind: 'path', subject: '/etc/systemd/system/a' },
      unitValue,
    ),
  'a unit with a name similar to another': () => isLike('a-b-c-d-e-f', much('abcde')),
  'an option with many spaces': () =>
    editIni(`[a]\n${much(' ')}x = ${much(' ')}y\n`, { ...iniEdit, section: 'a', option: 'b', values: ['c'] }),
  'a repository with many slashes': () => fileFor(`deb http://a${much('/')}x b c`, undefined),
  'a message of sudo with many apologies': () =>
    describeSudoFailure('web1', 'deploy', 'root', { code: 1 }, much("I'm sorry user maximum ")),
}

describe('The time to parse the answer of a host', () => {
  for (const [title, read] of Object.entries(worst))
    it(`is linear for ${title}`, () => {
      within(read, title)
    }).timeout(300_000)

  const questions = new Map<AnyKind, Map<string, unknown>>()
  const programs = [...modules.values()].filter((module) => module.type === 'module')
  const used: { module: AnyModule; given: Given<object>; reads: Reads }[] = []

  for (const module of programs)
    for (const { given, source } of samples[module.name] ?? []) {
      const params = { ...module.params.parse(given), ...(source === undefined ? {} : { source }) }
      const reads = module.reads(params)
      used.push({ module, given: params, reads })
      for (const key of Object.values(reads).flat()) if (key !== undefined) ask(key)
    }
  ask(facts.key({}))
  ask(pending.key({ play: 'play' }))

  for (const [kind, asked] of questions)
    it(`is linear for the kind ${kind.name}, for a megabyte of any text`, () => {
      const keys = [...asked.values()]
      const said = [
        kind.name === 'apt-plan' ? '' : run(kind.read(keys)).stdout,
        ...(morePrinted[kind.name] ?? []),
      ]
      for (const text of said)
        for (const hostile of hostileTexts(text)) within(() => kind.parse(hostile, keys), hostile)
    }).timeout(300_000)

  for (const module of programs)
    it(`is linear for the module ${module.name}, for a state with a megabyte of any text`, () => {
      for (const { given, reads } of used.filter((one) => one.module === module))
        for (const state of hostileStates(reads))
          within(() => {
            const changes = module.diff(state, given)
            if (changes.length > 0) module.apply(changes, given, state)
            module.result?.({ params: given, state, changes, outputs: [] })
          }, module.name)
    }).timeout(300_000)

  for (const module of programs)
    it(`is linear for the output of the module ${module.name}`, () => {
      for (const { given, reads } of used.filter((one) => one.module === module))
        for (const text of fillers) {
          const outputs = [{ code: 0, stdout: `${text}x`, stderr: text }]
          within(() => module.explain?.(outputs[0]!, given), module.name)
          within(
            () => module.result?.({ params: given, state: firstState(reads), changes: [], outputs }),
            module.name,
          )
        }
    }).timeout(300_000)

  function ask(key: Key): void {
    const asked = questions.get(key.kind) ?? new Map<string, unknown>()
    questions.set(key.kind, asked.set(key.id, key.question))
  }
})

/** Runs an action, which may throw but must not take long. */
function within(action: () => unknown, what: string): void {
  const started = process.cpuUsage()
  try {
    action()
  } catch {
    // rejected
  }
  const { user, system } = process.cpuUsage(started)
  expect((user + system) / 1000, JSON.stringify(what.slice(0, 300))).to.be.below(limit)
}

/** Yields the text with a megabyte in, or in place of, each part with a new form. */
function* hostileTexts(text: string): Generator<string> {
  yield* fillers
  const seen = new Set<string>()
  for (const { 0: part, index } of text.matchAll(/[^\n\0\t:= ]+/g)) {
    const shape = part.replaceAll(/[a-z]+/gi, 'a').replaceAll(/\d+/g, '0')
    if (seen.has(shape) || seen.size > 8) continue
    seen.add(shape)
    for (const filler of fillers) {
      yield `${text.slice(0, index)}${filler}x${text.slice(index + part.length)}`
      yield text.slice(0, index + part.length) + filler + text.slice(index + part.length)
    }
  }
}

function firstState(reads: Reads): Values<Reads> {
  return stateOf(reads, (answer) => answer)
}

function* hostileStates(reads: Reads): Generator<Values<Reads>> {
  for (const filler of fillers)
    for (let index = 0; index < 3; index += 1)
      yield stateOf(reads, (answer) => withText(answer, filler), index)
}

function stateOf(reads: Reads, change: (answer: unknown) => unknown, index = 0): Values<Reads> {
  const answerTo = (key: Key) => {
    const answers = madeUpAnswers[key.kind.name] ?? []
    return change(answers[index % answers.length])
  }
  const state: Record<string, unknown> = Object.fromEntries(
    Object.entries(reads).map(([name, read]) => [
      name,
      read === undefined
        ? undefined
        : Array.isArray(read)
          ? (read as Key[]).map(answerTo)
          : answerTo(read as Key),
    ]),
  )
  return state as Values<Reads>
}

/** Appends a filler to all strings of an answer, except for those with fixed words. */
function withText(answer: unknown, filler: string): unknown {
  if (Buffer.isBuffer(answer)) return Buffer.from(`${answer.toString()}${filler}`)
  if (Array.isArray(answer)) return answer.map((one) => withText(one, filler))
  if (typeof answer !== 'object' || answer === null) return answer
  return Object.fromEntries(
    Object.entries(answer).map(([name, value]) =>
      typeof value === 'string' && !['type', 'server', 'active', 'sub', 'mode', 'object'].includes(name)
        ? [name, `${value}${filler}`]
        : [name, withText(value, filler)],
    ),
  )
}
