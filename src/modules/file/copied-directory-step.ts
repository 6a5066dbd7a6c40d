import { basename, dirname } from 'node:path/posix'

import type { Write } from '../../state/definition/write.ts'
import { path } from '../../state/path.ts'
import type { ExistingPath, PathState } from '../../state/path/value.ts'
import { joinScripts, sh, type Script } from '../../target/sh.ts'
import { defined } from '../../text/defined.ts'
import type { Step } from '../definition/module.ts'
import { attached, fileFields } from '../placement/bytes.ts'
import { changeEntry } from '../placement/entries.ts'
import { makeDirectory } from '../placement/make-directory.ts'
import { type Accounts, chownArgument, modeAfter, ownershipAfter } from '../placement/ownership.ts'
import { inPrivateDirectory } from '../placement/private-directory.ts'
import {
  type CopiedDirectory,
  type CopiedDirectoryState,
  type EntryTask,
  tasksOf,
} from './copied-directory.ts'
import { type ArchivedFile, tarArchive } from './tar-archive.ts'

/**
 * Returns one step for all entries, so that all files are sent together. New entries, including new directories with
 * their content, get their owner and mode in a private directory inside an existing one, and are then moved into place.
 */
export function directorySteps(directory: CopiedDirectory, state: CopiedDirectoryState): Step[] {
  const tasks = tasksOf(directory, state)
  if (tasks.length === 0) return []
  const script = joinScripts([
    ...tasks.filter(({ isNew }) => !isNew).map(changeOwnership),
    ...[...stagedByDirectory(tasks)].map(([place, staged], index) =>
      makeEntries(place, staged, `files-${index}`),
    ),
  ])
  return [{ script, writes: tasks.map((task) => writeOf(task, state)) }]
}

/** A new entry, with its path in the private directory where it gets its owner and mode. */
interface Staged {
  readonly task: EntryTask
  readonly at: string
  /** The name in the existing directory; undefined for an entry of a new directory. */
  readonly name: string | undefined
}

/** Groups the new entries by the existing directory. */
function stagedByDirectory(tasks: readonly EntryTask[]): Map<string, Staged[]> {
  const directories = new Map<string, Staged[]>()
  const above = new Map<string, { readonly at: string; readonly staged: Staged[] }>()
  tasks.forEach((task, index) => {
    if (!task.isNew) return
    const parent = above.get(dirname(task.path))
    const place = task.state.real ?? task.path
    const staged = parent?.staged ?? directories.get(dirname(place)) ?? []
    const at = parent === undefined ? `entry-${index}` : `${parent.at}/${basename(task.path)}`
    staged.push({ task, at, name: parent === undefined ? basename(place) : undefined })
    if (task.entry.type === 'directory') above.set(task.path, { at, staged })
    if (parent === undefined) directories.set(dirname(place), staged)
  })
  return directories
}

/** @param name the name of the attachment with the files */
function makeEntries(place: string, staged: readonly Staged[], name: string): Script {
  const directories = staged.filter(({ task }) => task.entry.type === 'directory')
  return sh`
    if [ ! -d ${place} ]; then
      ${makeDirectory(place, undefined, undefined)}
    fi
    ${inPrivateDirectory(
      place,
      joinScripts([
        ...(directories.length === 0 ? [] : [sh`mkdir ${directories.map(({ at }) => at)}`]),
        ...makeFiles(staged, name),
        ...staged.flatMap(makeSymlink),
        ...giveOwnership(staged),
        ...staged.flatMap(({ at, name }) => (name === undefined ? [] : [sh`mv -fT ${at} ${`../${name}`}`])),
      ]),
    )}
  `
}

/** Unpacks the files from one archive, because each attachment and each copy costs a process. */
function makeFiles(staged: readonly Staged[], name: string): Script[] {
  const archived: ArchivedFile[] = []
  const copies: Script[] = []
  staged.forEach(({ task: { entry }, at }, index) => {
    if (entry.type !== 'file') return
    const content = entry.content ?? Buffer.alloc(0)
    if (Buffer.isBuffer(content)) archived.push({ path: at, content })
    else copies.push(sh`cp ${attached(`${name}-${index}`, content)} ${at}`)
  })
  if (archived.length === 0) return copies
  // The owner and the time of the archive are not kept.
  return [sh`tar -xmof ${attached(name, tarArchive(archived))}`, ...copies]
}

function makeSymlink({ task: { entry }, at }: Staged): Script[] {
  return entry.type === 'link' ? [sh`ln -s -- ${entry.target ?? ''} ${at}`] : []
}

function changeOwnership(task: EntryTask): Script {
  const { entry, state, wanted, path: of } = task
  const type = state.exists ? state.type : entry.type
  const owner = chownArgument(currentOf(task), wanted)
  return changeEntry(state.real ?? of, type, [
    ...(owner === undefined ? [] : [sh`chown -h ${owner} "$entry"`]),
    ...(type === 'link'
      ? []
      : [sh`chmod ${`0${modeAfter(state, wanted, entry.type === 'directory')}`} "$entry"`]),
  ])
}

/** Sets owners and modes, with one process for all entries that get the same. */
function giveOwnership(staged: readonly Staged[]): Script[] {
  const owners = new Map<string, string[]>()
  const modes = new Map<string, string[]>()
  for (const { task, at } of staged.toReversed()) {
    const { entry, wanted } = task
    const owner = chownArgument(currentOf(task), wanted)
    if (owner !== undefined) owners.set(owner, [...(owners.get(owner) ?? []), at])
    if (entry.type === 'link') continue
    const mode = modeAfter(currentOf(task), wanted, entry.type === 'directory')
    modes.set(mode, [...(modes.get(mode) ?? []), at])
  }
  return [
    ...[...owners].map(([owner, paths]) => sh`chown -h ${owner} ${paths}`),
    ...[...modes].map(([mode, paths]) => sh`chmod ${`0${mode}`} ${paths}`),
  ]
}

/** Returns the state of an existing entry of the same type, whose owner and mode are kept. */
function currentOf({ state, entry }: EntryTask): PathState {
  return state.exists && state.type === entry.type ? state : { exists: false }
}

function writeOf(task: EntryTask, accounts: Accounts): Write {
  const { entry, path: of, state, wanted } = task
  const current = currentOf(task)
  const value: ExistingPath = {
    exists: true,
    type: entry.type,
    mode: entry.type === 'link' ? '0777' : modeAfter(current, wanted, entry.type === 'directory'),
    ...ownershipAfter(current, wanted, accounts),
    ...(entry.type === 'file' ? fileFields(entry.content ?? Buffer.alloc(0)) : {}),
    ...defined({ target: entry.target, real: state.real }),
  }
  return path.write({ path: of }, value)
}
