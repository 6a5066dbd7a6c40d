import type { Layer } from './layer.ts'
import { lazyMapping } from './lazy-mapping.ts'
import { NotKnown } from './not-known.ts'
import { omit } from './omit.ts'
import type { Scope } from './scope.ts'

/** The values of the magic variables. */
export interface MagicData {
  readonly host: string
  /** The groups of the host, without `all`, sorted. */
  readonly groupNames: readonly string[]
  /** The hosts of each group. */
  readonly groups: Readonly<Record<string, readonly string[]>>
  /** The names of all hosts. */
  readonly hosts: ReadonlySet<string>
  /** Returns the variables of a host, or of localhost. */
  scopeOf(host: string): Scope
  readonly checkMode: boolean
  readonly diffMode: boolean
  /** The hosts of the play. */
  readonly playHostsAll: readonly string[]
  /** The hosts of the play that have not failed. */
  readonly playHosts: readonly string[]
  /** The hosts of the batch that have not failed. */
  readonly playBatch: readonly string[]
  readonly playName?: string
  readonly playbookDir: string
  readonly inventoryDir?: string
  readonly role?: { readonly name: string; readonly path: string }
}

/** Returns the variables that the run defines; they cannot be overridden. */
export function magicVariables(data: MagicData): Layer {
  const values = new Map<string, unknown>([
    ['inventory_hostname', data.host],
    ['inventory_hostname_short', data.host.split('.')[0]],
    ['group_names', data.groupNames],
    ['groups', data.groups],
    [
      'hostvars',
      lazyMapping(data.hosts, (host) => variablesOf(host, data.scopeOf(host)), { unlisted: ['localhost'] }),
    ],
    ['ansible_check_mode', data.checkMode],
    ['ansible_diff_mode', data.diffMode],
    ['ansible_play_hosts', data.playHosts],
    ['ansible_play_hosts_all', data.playHostsAll],
    ['ansible_play_batch', data.playBatch],
    ['playbook_dir', data.playbookDir],
    ['omit', omit],
  ])
  if (data.playName !== undefined) values.set('ansible_play_name', data.playName)
  if (data.inventoryDir !== undefined) values.set('inventory_dir', data.inventoryDir)
  if (data.role !== undefined) {
    values.set('role_name', data.role.name)
    values.set('role_path', data.role.path)
  }
  return { origin: 'the run', values, literal: true }
}

function variablesOf(host: string, scope: Scope): Record<string, unknown> {
  const read = (name: string): unknown => {
    try {
      return scope.get(name)
    } catch (error) {
      throw error instanceof NotKnown ? askedFrom(host, error) : error
    }
  }
  const missing = (name: string): NotKnown | undefined => {
    const reason = scope.unavailable(name)
    return reason === undefined ? undefined : askedFrom(host, reason)
  }
  return lazyMapping(new Set(scope.names()), read, { missing })
}

function askedFrom(host: string, { reason, detail }: NotKnown): NotKnown {
  return new NotKnown(reason, detail, host)
}

/** The names that magicVariables defines for every host. */
export const magicNames: ReadonlySet<string> = new Set([
  'inventory_hostname',
  'inventory_hostname_short',
  'inventory_dir',
  'group_names',
  'groups',
  'hostvars',
  'ansible_check_mode',
  'ansible_diff_mode',
  'ansible_play_hosts',
  'ansible_play_hosts_all',
  'ansible_play_batch',
  'ansible_play_name',
  'playbook_dir',
  'role_name',
  'role_path',
  'omit',
])
