import { dirname, resolve } from 'node:path'

import { defined } from '../../text/defined.ts'
import type { Layer } from '../../variables/layer.ts'
import { describeValue, type Part } from '../document/part.ts'
import { isFile } from '../document/yaml-files.ts'
import { isBatchSize } from '../keywords/batch-size.ts'
import { nothingInherited, type Inherited } from '../keywords/inherited.ts'
import { playKeywords } from '../keywords/keywords.ts'
import type { Order, Play, Reach } from '../playbook.ts'
import type { ReadContext, Reading } from './context.ts'
import { readHandlers } from './handlers.ts'
import { PlayReading } from './play-reading.ts'
import { RoleCollection } from './role-collection.ts'
import { readVariables } from './role-files.ts'
import { readRoles } from './role.ts'
import { readNodes } from './tasks.ts'

const orders: readonly Order[] = ['inventory', 'reverse_inventory', 'sorted', 'reverse_sorted', 'shuffle']

export interface ReadPlay {
  readonly play: Play
  readonly reading: PlayReading
}

/** Reads a play; `outer` holds the keywords of import_playbook. */
export function readPlay(part: Part, file: string, outer: Inherited, reading: Reading): ReadPlay {
  const { values } = reading
  values.checkKeys(part, playKeywords, 'a play')
  const play = new PlayReading(dirname(file))
  const inherited = { ...reading.keywords.inherit(outer, part), vars: [] }
  const roles = new RoleCollection()
  const context: ReadContext = {
    reading,
    play,
    roles,
    folder: play.playbookDir,
    inherited,
    searchPath: [...new Set([play.playbookDir, reading.projectDir])],
    chain: [],
    depth: 0,
    forHandlers: false,
  }
  const hosts = readHosts(part, reading)
  const pre = readNodes(part.get('pre_tasks'), context)
  const roleTasks = readRoles(part.get('roles'), context)
  const tasks = readNodes(part.get('tasks'), context)
  const post = readNodes(part.get('post_tasks'), context)
  const forHandlers = { ...nothingInherited, keywords: inherited.keywords }
  roles.addHandlers(readHandlers(part.get('handlers'), { ...context, inherited: forHandlers }))
  const maxFailPercentage = values.number(part.get('max_fail_percentage'), 'max_fail_percentage')
  return {
    reading: play,
    play: {
      name: values.text(part.get('name'), 'name') ?? hosts,
      dialect: part.dialect,
      at: part.at(),
      hosts,
      hostsAt: part.get('hosts')?.at() ?? part.at(),
      vars: [...outer.vars, ...playVariables(part, play, reading)],
      roles: roles.roles,
      sections: [pre, [...roleTasks, ...tasks], post],
      handlers: roles.handlers,
      keywords: inherited.keywords,
      reach: readReach(part, reading),
      ...strategyOf(part, reading),
      ...readSerial(part.get('serial'), reading),
      ...(maxFailPercentage === undefined ? {} : { maxFailPercentage }),
      anyErrorsFatal: values.boolean(part.get('any_errors_fatal'), 'any_errors_fatal') ?? false,
      forceHandlers: values.boolean(part.get('force_handlers'), 'force_handlers') ?? false,
    },
  }
}

function readReach(part: Part, { values }: Reading): Reach {
  const connection = values.oneOf(part.get('connection'), 'connection', ['ssh', 'local'])
  const user = values.plainText(part.get('remote_user'), 'remote_user')
  return defined({ connection, user })
}

function strategyOf(part: Part, { values }: Reading): Pick<Play, 'strategy' | 'order'> {
  values.boolean(part.get('gather_facts'), 'gather_facts')
  const order = values.oneOf(part.get('order'), 'order', orders)
  const strategy = values.oneOf(
    part.get('strategy'),
    'strategy',
    ['linear', 'free'],
    ['host_pinned', 'debug'],
  )
  return { strategy: strategy ?? 'linear', order: order ?? 'inventory' }
}

function readHosts(part: Part, { values, diagnostics }: Reading): string {
  const hosts = part.get('hosts')
  if (hosts === undefined) {
    diagnostics.add(part.at(), "the play has no 'hosts'")
    return 'all'
  }
  const patterns = values
    .texts(hosts, 'hosts')
    .filter((item) => values.plainText(item, 'hosts') !== undefined)
  if (patterns.length === 0) diagnostics.add(hosts.at(), "'hosts' is empty")
  return patterns.map((item) => String(item.value)).join(',')
}

function readSerial(part: Part | undefined, { diagnostics }: Reading): { serial?: Part } {
  if (part === undefined) return {}
  for (const item of part.items ?? [part]) {
    const { value } = item
    if (item.isTemplated || isBatchSize(value)) continue
    diagnostics.add(
      item.at(),
      `serial must be a number of hosts or a percentage, not ${describeValue(value)}`,
    )
  }
  return { serial: part }
}

function playVariables(part: Part, play: PlayReading, reading: Reading): Layer[] {
  const vars = part.get('vars')
  const own = vars === undefined ? [] : [reading.values.variables(vars, 'play vars')]
  const files = part.get('vars_files')
  const named = files === undefined || files.value === null ? [] : (files.items ?? [files])
  return [...own, ...named.flatMap((item) => variablesFile(item, play, reading))]
}

/** Reads one file, or the first existing one of several. */
function variablesFile(item: Part, play: PlayReading, reading: Reading): Layer[] {
  const names = (item.items ?? [item]).flatMap(
    (one) => reading.values.plainText(one, 'the name of a vars file') ?? [],
  )
  if (names.length === 0) return []
  const candidates = names.flatMap((name) => [
    resolve(play.playbookDir, name),
    resolve(play.playbookDir, 'vars', name),
  ])
  const file = candidates.find(isFile)
  if (file !== undefined) return readVariables(file, file, reading)
  reading.diagnostics.addGap(
    item.at(),
    `no such file: ${names.join(' or ')}`,
    `searched for ${candidates.join(', ')}`,
  )
  return []
}
