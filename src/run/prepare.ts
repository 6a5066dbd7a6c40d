import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

import { NothingMatchedError } from '../errors.ts'
import { readPlaybooks } from '../playbook/load-playbook.ts'
import type { Play, Playbook } from '../playbook/playbook.ts'
import { selectNodes } from '../playbook/select/selection.ts'
import { defined } from '../text/defined.ts'
import type { Secrets } from '../variables/secrets/secrets.ts'
import { Fleet } from './fleet.ts'
import type { RunOptions } from './options.ts'
import type { PreparedRun } from './prepared-run.ts'
import { throwProblems } from './problems.ts'

export interface PrepareOptions extends RunOptions {
  readonly check: boolean
  readonly secrets: Secrets
}

/** Reads the inventory and the playbook. Throws UserError with all errors in them. */
export function prepareRun(options: PrepareOptions): PreparedRun {
  const file = playbookFile(options.playbook)
  const { secrets, check, diff = false, variables = {} } = options
  if (check) secrets.startDryRun()
  const playbookDir = dirname(file)
  const fleet = Fleet.load(options, { playbookDir, secrets, check, diff, given: variables })
  const loaded = readPlaybooks(file, {
    variables: fleet.variableNames(),
    mayBeVariable: (name) => fleet.mayBeVariable(name),
  })
  throwProblems(loaded, fleet)
  const playbook = select(loaded.playbook, options)
  const { hosts } = fleet.hostsOf(playbook.plays)
  demandHosts(hosts, fleet)
  return { playbook, hosts, registered: loaded.registered, fleet }
}

function playbookFile(name: string): string {
  if (existsSync(name)) return name
  throw new NothingMatchedError(`${name}: no such playbook`, `give a path relative to ${resolve('.')}`)
}

function select(
  playbook: Playbook,
  { tags = [], skipTags = [], startAtTask }: Pick<RunOptions, 'tags' | 'skipTags' | 'startAtTask'>,
): Playbook {
  return selectNodes(playbook, {
    tags: tags.flatMap(byComma),
    skipTags: skipTags.flatMap(byComma),
    ...defined({ startAtTask }),
  })
}

function byComma(text: string): string[] {
  return text.split(',').filter((part) => part !== '')
}

/** Throws NothingMatchedError if the limit leaves no host in any play. */
function demandHosts(hosts: ReadonlyMap<Play, readonly string[]>, fleet: Fleet): void {
  const within = fleet.withinLimit()
  if ([...hosts.values()].flat().some((name) => within?.has(name) ?? true)) return
  const empty = [...hosts].filter(([, names]) => names.length === 0)
  for (const [play] of [...empty, ...hosts]) fleet.select(play.hosts)
}
