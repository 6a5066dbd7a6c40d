import type { Write } from '../state/key.ts'
import { path, type ExistingPath, type PathState } from '../state/path.ts'
import { joinScripts, sh, type Script } from '../target/sh.ts'
import { fileFields } from './content.ts'
import {
  type CopiedDirectory,
  type CopiedDirectoryState,
  type EntryTask,
  tasksOf,
} from './copied-directory.ts'
import type { Step } from './module.ts'
import { type Accounts, chownArgument, modeAfter, ownershipAfter } from './ownership.ts'

/** All in one script: the files travel as one, are made ready beside the directory, and are renamed one by one. */
export function directorySteps(directory: CopiedDirectory, state: CopiedDirectoryState): Step[] {
  const tasks = tasksOf(directory, state)
  if (tasks.length === 0) return []
  const directories = tasks.filter(({ entry, isNew }) => isNew && entry.type === 'directory')
  const others = tasks.filter(({ entry, isNew }) => isNew && entry.type !== 'directory')
  const script = joinScripts([
    ...(directories.length === 0 ? [] : makeDirectories(directories)),
    ...giveOwnership(tasks.filter(({ isNew }) => !isNew).map((task) => ({ task, at: task.path }))),
    ...(others.length === 0 ? [] : makeEntries(directory.root, others)),
  ])
  return [{ script, writes: tasks.map((task) => writeOf(task, state)) }]
}

/** An entry, and where it is while it gets its owner and mode. */
interface Located {
  readonly task: EntryTask
  readonly at: string
}

function makeDirectories(tasks: readonly EntryTask[]): Script[] {
  return [
    sh`mkdir -p ${tasks.map((task) => task.path)}`,
    ...giveOwnership(tasks.map((task) => ({ task, at: task.path }))),
  ]
}

function makeEntries(root: string, tasks: readonly EntryTask[]): Script[] {
  const located = tasks.map((task, index) => ({ task, at: `entry-${index}` }))
  return [
    sh`
      work=$(mktemp -d ${`${root}/.hostwright-XXXXXX`})
      trap 'cd /; rm -rf "$work"' EXIT
      trap 'exit 1' HUP INT TERM
      cd "$work"
    `,
    ...copyFiles(located.filter(({ task }) => task.entry.type === 'file')),
    ...located
      .filter(({ task }) => task.entry.type === 'link')
      .map(({ task, at }) => sh`ln -s -- ${task.entry.target ?? ''} ${at}`),
    ...giveOwnership(located),
    ...located.map(({ task, at }) => sh`mv -fT ${at} ${task.path}`),
  ]
}

function copyFiles(files: readonly Located[]): Script[] {
  if (files.length === 0) return []
  const attachments = new Map(files.map(({ task, at }) => [at, task.entry.content ?? Buffer.alloc(0)]))
  return [{ ...sh`cp "$FILES"/entry-* .`, attachments }]
}

/** One process for all that get the same. */
function giveOwnership(things: readonly Located[]): Script[] {
  const owners = new Map<string, string[]>()
  const modes = new Map<string, string[]>()
  for (const { task, at } of things) {
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

/** What is there, if the entry takes over from it. */
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
    ...(entry.target === undefined ? {} : { target: entry.target }),
    ...(state.real === undefined ? {} : { real: state.real }),
  }
  return path.write({ path: of }, value)
}
