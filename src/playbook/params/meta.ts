import { didYouMean } from '../../text/did-you-mean.ts'
import type { Diagnostics } from '../document/diagnostics.ts'
import { describeValue, type Part } from '../document/part.ts'
import { alternatives } from '../document/zod-messages.ts'
import type { Meta, MetaAction } from '../playbook.ts'
import type { ModuleKey } from './module-call.ts'

export const metaActions: readonly MetaAction[] = [
  'flush_handlers',
  'noop',
  'clear_facts',
  'clear_host_errors',
  'end_host',
  'end_play',
  'reset_connection',
]
const later = ['end_batch', 'end_role', 'refresh_inventory']

/** Reads `meta: flush_handlers` and other actions. */
export function readMeta(task: Part, key: ModuleKey, diagnostics: Diagnostics): Meta | undefined {
  const part = task.get(key.key)
  const action = metaActions.find((one) => one === part?.value)
  if (action !== undefined) return { type: 'meta', name: 'meta', action }
  const value = String(part?.value)
  if (later.includes(value)) diagnostics.add(part?.at() ?? key.at, `meta: ${value} is not supported yet`)
  else
    diagnostics.add(
      part?.at() ?? key.at,
      `meta takes ${alternatives(metaActions)}, not ${describeValue(part?.value)}`,
      didYouMean(value, metaActions),
    )
  return undefined
}
