import type { Write } from '../definition/key.ts'
import type { UnitValue } from './value.ts'

/** Where a file makes or changes a unit. */
const unitFolders = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/usr/local/lib/systemd/system',
  '/etc/init.d',
]

/** Whether a write to something else may change the answer about a unit. */
export function unitTouchedBy(name: string, write: Write, answer: UnitValue): boolean {
  if (write.type === 'scope') return write.scope !== 'services'
  if (write.kind === 'unit')
    return (
      write.subject === answer.id ||
      answer.related.includes(write.subject) ||
      (write.value === undefined ? !answer.exists : relatesTo(write.value, [name, answer.id]))
    )
  return (
    unitFolders.some((folder) => touchesFileOf(write.subject, folder, [name, answer.id])) &&
    write.kind === 'path'
  )
}

/** Whether what is written is a file of one of these units in this folder, or something that concerns them all. */
function touchesFileOf(path: string, folder: string, names: readonly string[]): boolean {
  if (!path.startsWith(`${folder}/`)) return folder === path || folder.startsWith(`${path}/`)
  const [entry = '', inside] = path.slice(folder.length + 1).split('/')
  if (/\.(wants|requires|upholds)$/.test(entry)) return inside === undefined || names.includes(inside)
  if (/^\w+\.d$/.test(entry)) return true
  const of = entry.replace(/\.d$/, '')
  return names.some((name) => of === name || of === name.replace(/\.\w+$/, '') || of === templateOf(name))
}

/** Of a@b.service it is a@.service. */
function templateOf(name: string): string {
  const at = name.indexOf('@')
  const dot = name.lastIndexOf('.')
  return at === -1 || dot < at ? name : `${name.slice(0, at + 1)}${name.slice(dot)}`
}

function relatesTo(value: unknown, names: readonly string[]): boolean {
  const { id, related } = value as UnitValue
  return names.includes(id) || names.some((name) => related.includes(name))
}
