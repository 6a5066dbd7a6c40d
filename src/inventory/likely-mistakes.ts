import { existsSync, readdirSync } from 'node:fs'
import { join, parse } from 'node:path'

import { describePosition } from '../errors.ts'
import { didYouMean, nearestName } from '../text/did-you-mean.ts'
import type { Layer } from '../variables/layer.ts'
import type { Draft } from './draft.ts'
import { isLeftover } from './vars-files.ts'

/** The variables that decide how a host is reached. */
export const connectionVariables = [
  'ansible_become',
  'ansible_become_method',
  'ansible_become_pass',
  'ansible_become_password',
  'ansible_become_user',
  'ansible_connection',
  'ansible_group_priority',
  'ansible_host',
  'ansible_password',
  'ansible_port',
  'ansible_private_key_file',
  'ansible_ssh_args',
  'ansible_ssh_common_args',
  'ansible_ssh_extra_args',
  'ansible_ssh_host',
  'ansible_ssh_pass',
  'ansible_ssh_password',
  'ansible_ssh_port',
  'ansible_ssh_private_key_file',
  'ansible_ssh_timeout',
  'ansible_ssh_user',
  'ansible_sudo_pass',
  'ansible_sudo_user',
  'ansible_timeout',
  'ansible_user',
]

/**
 * Returns warnings about names that have no effect and are similar to one that would have: of variables files, and of
 * connection variables. A name that is similar to none may belong to another inventory or another tool.
 */
export function likelyMistakes(draft: Draft, folders: readonly string[], layers: Iterable<Layer>): string[] {
  return [
    ...folders.flatMap((folder) => [
      ...misnamedFiles(join(folder, 'group_vars'), 'group', [...draft.groups.keys()]),
      ...misnamedFiles(join(folder, 'host_vars'), 'host', [...draft.hosts.keys(), 'localhost']),
    ]),
    ...new Set([...layers].flatMap(misnamedVariables)),
  ]
}

function misnamedFiles(folder: string, kind: 'group' | 'host', names: readonly string[]): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder).flatMap((entry) => {
    const name = parse(entry).ext.match(/^\.(yml|yaml|json)$/) === null ? entry : parse(entry).name
    if (isLeftover(entry) || names.includes(name)) return []
    const hint = didYouMean(name, names)
    return hint === undefined
      ? []
      : [`${join(folder, entry)} is not read: there is no ${kind} '${name}', ${hint}`]
  })
}

const prefix = 'ansible_'

function misnamedVariables(layer: Layer): string[] {
  return [...layer.values.keys()].flatMap((name) => {
    if (!name.startsWith(prefix) || connectionVariables.includes(name)) return []
    const nearest = nearestName(
      name.slice(prefix.length),
      connectionVariables.map((one) => one.slice(prefix.length)),
    )
    if (nearest === undefined) return []
    const place = layer.at?.(name)
    return [
      `${place === undefined ? layer.origin : describePosition(place)}: '${name}' has no effect on the connection, did you mean '${prefix}${nearest}'?`,
    ]
  })
}
