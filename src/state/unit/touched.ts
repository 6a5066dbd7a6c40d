import type { Dependencies } from '../definition/dependencies.ts'
import type { UnitQuestion, UnitValue } from './value.ts'

const unitFolders = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/usr/local/lib/systemd/system',
  '/etc/init.d',
]

/** The writes that may change an answer about a unit. */
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

/** Returns whether the path is a file of one of these units in the directory, or concerns all units. */
function touchesFileOf(path: string, folder: string, names: readonly string[]): boolean {
  if (!path.startsWith(`${folder}/`)) return folder === path || folder.startsWith(`${path}/`)
  const [entry = '', inside] = path.slice(folder.length + 1).split('/')
  if (/\.(wants|requires|upholds)$/.test(entry)) return inside === undefined || names.includes(inside)
  if (/^\w+\.d$/.test(entry)) return true
  const of = entry.replace(/\.d$/, '')
  return names.some((name) => of === name || of === name.replace(/\.\w+$/, '') || of === templateOf(name))
}

/** Returns the template of an instance: a@.service for a@b.service. */
function templateOf(name: string): string {
  const at = name.indexOf('@')
  const dot = name.lastIndexOf('.')
  return at === -1 || dot < at ? name : `${name.slice(0, at + 1)}${name.slice(dot)}`
}

function relatesTo({ id, related }: UnitValue, names: readonly string[]): boolean {
  return names.includes(id) || names.some((name) => related.includes(name))
}
