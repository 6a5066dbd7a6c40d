import type { Dependencies } from '../definition/dependencies.ts'
import type { UnitQuestion, UnitValue } from './value.ts'

/** Where a file makes or changes a unit. */
const unitFolders = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/usr/local/lib/systemd/system',
  '/etc/init.d',
]

/** What an answer about a unit depends on. */
export const unitDependencies: Dependencies<UnitQuestion, UnitValue> = {
  scopes: ['packages', 'anything'],
  kinds: {
    unit: ({ subject, value }, { name }, answer) =>
      subject === answer.id ||
      answer.related.includes(subject) ||
      (value === undefined ? !answer.exists : relatesTo(value, [name, answer.id])),
    path: ({ subject }, { name }, { id }) =>
      unitFolders.some((folder) => touchesFileOf(subject, folder, [name, id])),
  },
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

function relatesTo({ id, related }: UnitValue, names: readonly string[]): boolean {
  return names.includes(id) || names.some((name) => related.includes(name))
}
