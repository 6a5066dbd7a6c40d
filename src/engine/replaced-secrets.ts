import type { Change } from '../modules/module.ts'
import { secretMark, type Secrets } from '../variables/secrets.ts'
import type { RunEvent } from './event.ts'

/** Where a secret comes to stand may have stood another one, which nobody knows any more: what goes there is hidden. */
export function hideFormerSecrets(event: RunEvent, secrets: Secrets): RunEvent {
  if (event.event !== 'task') return event
  const hide = (changes: readonly Change[]) => changes.map((change) => hideWhatGoes(change, secrets))
  const { changes, items } = event
  return {
    ...event,
    changes: hide(changes),
    ...(items && { items: items.map((item) => ({ ...item, changes: hide(item.changes) })) }),
  }
}

function hideWhatGoes(change: Change, secrets: Secrets): Change {
  const { before, after } = change
  if (typeof before !== 'string' || typeof after !== 'string' || secrets.mask(after) === after) return change
  const staying = new Set(after.split('\n'))
  const lines = before.split('\n').map((line) => (line === '' || staying.has(line) ? line : secretMark))
  return { ...change, before: lines.join('\n') }
}
