import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { InvalidInputError, NothingMatchedError } from '../errors.ts'
import { didYouMean } from '../text/did-you-mean.ts'
import type { LeveledLayers } from '../variables/precedence.ts'
import { Draft } from './draft.ts'
import { readerOf } from './file-formats.ts'
import { GroupTree } from './group-tree.ts'
import type { Host, Inventory } from './inventory.ts'
import { likelyMistakes } from './likely-mistakes.ts'
import { isLeftover, readVarsFiles } from './vars-files.ts'

export interface InventoryOptions {
  /** The folder of the playbook, whose group_vars and host_vars are also read. */
  readonly playbookDir?: string
}

/**
 * Reads inventories: files, directories, or names as in "web1,web2,". Throws InvalidInputError with all their errors.
 */
export function loadInventory(sources: readonly string[], options: InventoryOptions = {}): Inventory {
  const draft = new Draft()
  for (const source of sources) readSource(source, draft)
  const tree = new GroupTree(draft)
  checkChildren(draft)
  checkVarsSections(draft)
  const folders = new Set(sources.filter((source) => existsSync(source)).map(folderOf))
  const layersOf = layersBeside([...folders], options.playbookDir, draft)
  const hosts = new Map(
    [...draft.hosts.values()].map(({ name, vars }): [string, Host] => {
      const groups = tree.groupsOf(name)
      const layers = {
        ...layersOf(
          name,
          groups.map((group) => group.name),
        ),
        inventoryGroups: groups.flatMap((group) => group.vars),
        inventoryHosts: vars,
      }
      return [name, { name, groups: groups.map((group) => group.name), layers }]
    }),
  )
  const localhost: Host = {
    name: 'localhost',
    groups: ['all'],
    layers: {
      ...layersOf('localhost', ['all']),
      inventoryGroups: draft.group('all').vars,
      inventoryHosts: [
        { origin: 'localhost', values: new Map([['ansible_connection', 'local']]), literal: true },
      ],
    },
  }
  if (draft.diagnostics.length > 0) throw new InvalidInputError(draft.diagnostics)
  const { playbookDir } = options
  const warnings = likelyMistakes(
    draft,
    [...(playbookDir === undefined ? folders : folders.add(playbookDir))],
    [...hosts.values()].flatMap(({ layers }) => Object.values(layers).flat()),
  )
  return { hosts, groups: membersOfGroups(draft, tree, hosts), localhost, sources, warnings }
}

function readSource(source: string, draft: Draft): void {
  if (!existsSync(source)) {
    if (!source.includes(','))
      throw new NothingMatchedError(
        `no such inventory: ${source}`,
        'pass a file, a directory, or hosts as in -i web1,web2,',
      )
    readHostList(source, draft)
  } else if (statSync(source).isDirectory()) {
    for (const name of readdirSync(source).toSorted()) {
      if (isLeftover(name) || name === 'group_vars' || name === 'host_vars') continue
      readSource(join(source, name), draft)
    }
  } else readFile(source, draft)
}

function readHostList(source: string, draft: Draft): void {
  for (const text of source.split(',').map((part) => part.trim())) {
    if (text === '') continue
    for (const host of draft.hostsNamed(text, { file: '-i', line: 1, column: source.indexOf(text) + 1 }))
      draft.group('ungrouped').hosts.add(host.name)
  }
}

function readFile(file: string, draft: Draft): void {
  try {
    readerOf(file)(file, draft)
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    draft.diagnostics.push(...error.diagnostics)
  }
}

function folderOf(source: string): string {
  return statSync(source).isDirectory() ? source : dirname(source)
}

/** Reports a host in place of a group, which would otherwise be an empty group. */
function checkChildren(draft: Draft): void {
  for (const group of draft.groups.values()) {
    for (const [name, at] of group.children) {
      const child = draft.group(name)
      const isEmpty = child.hosts.size === 0 && child.children.size === 0 && child.vars.length === 0
      if (isEmpty && draft.hosts.has(name))
        draft.report(at, `'${name}' is a host, not a group`, `move it to hosts of '${group.name}'`)
    }
  }
}

/** Reports a section such as [wbe:vars] for a group that no source defines. */
function checkVarsSections(draft: Draft): void {
  const children = new Set([...draft.groups.values()].flatMap((group) => [...group.children.keys()]))
  for (const [name, at] of draft.varsSections) {
    if (draft.declared.has(name) || children.has(name)) continue
    const names = [...draft.declared, ...children]
    draft.report(at, `[${name}:vars] is for a group that does not exist`, didYouMean(name, names))
  }
}

/** Reads group_vars and host_vars alongside the inventories and the playbook; each file once. */
function layersBeside(
  folders: readonly string[],
  playbookDir: string | undefined,
  draft: Draft,
): (host: string, groups: readonly string[]) => LeveledLayers {
  const inventory = [...new Set(folders)]
  const playbook = playbookDir === undefined || inventory.includes(playbookDir) ? [] : [playbookDir]
  const known = new Map<string, ReturnType<typeof readVarsFiles>>()
  const read = (bases: readonly string[], folder: string, names: readonly string[]) =>
    names.flatMap((name) =>
      bases.flatMap((base) => {
        const path = join(base, folder)
        const key = join(path, name)
        const layers = known.get(key) ?? readVarsFiles(path, name, draft)
        known.set(key, layers)
        return layers
      }),
    )
  return (host, groups) => {
    const others = groups.filter((name) => name !== 'all')
    return {
      inventoryGroupVarsAll: read(inventory, 'group_vars', ['all']),
      playbookGroupVarsAll: read(playbook, 'group_vars', ['all']),
      inventoryGroupVars: read(inventory, 'group_vars', others),
      playbookGroupVars: read(playbook, 'group_vars', others),
      inventoryHostVars: read(inventory, 'host_vars', [host]),
      playbookHostVars: read(playbook, 'host_vars', [host]),
    }
  }
}

function membersOfGroups(
  draft: Draft,
  tree: GroupTree,
  hosts: ReadonlyMap<string, Host>,
): Map<string, string[]> {
  const names = [...hosts.keys()]
  const members = new Map([['all', names]])
  for (const name of draft.groups.keys()) {
    const own = tree.hostsOf(name)
    if (name === 'ungrouped')
      members.set(
        name,
        names.filter((host) => hosts.get(host)?.groups.includes(name)),
      )
    else if (name !== 'all')
      members.set(
        name,
        names.filter((host) => own.has(host)),
      )
  }
  return members
}
