import { basename, join } from 'node:path'

import type { Position } from '../../errors.ts'
import { didYouMean } from '../../text/did-you-mean.ts'
import type { Layer } from '../../variables/layer.ts'
import type { Path } from '../../yaml/yaml-document.ts'
import { describeValue, type Part } from '../document/part.ts'
import type { Inherited } from '../keywords/inherited.ts'
import { nothingInherited } from '../keywords/inherited.ts'
import { roleKeywords } from '../keywords/keywords.ts'
import type { Handler, Node, Role } from '../playbook.ts'
import type { ReadContext } from './context.ts'
import { readHandlers } from './handlers.ts'
import { findRole, roleFile, roleNames, rolesFolders, roleVariables } from './role-files.ts'
import { readNodes } from './tasks.ts'

/** A use of a role. */
export interface RoleCall {
  readonly name: string
  readonly at: Position
  readonly params: Layer
  /** The files to use instead of main. */
  readonly from: {
    readonly tasks?: string
    readonly handlers?: string
    readonly vars?: string
    readonly defaults?: string
  }
  readonly allowDuplicates: boolean
}

/** Reads the tasks of the roles in a `roles` list or in the dependencies of a role. */
export function readRoles(part: Part | undefined, context: ReadContext): Node[] {
  if (part === undefined || part.value === null) return []
  if (part.items === undefined)
    context.reading.diagnostics.add(part.at(), `expected a list of roles, not ${describeValue(part.value)}`)
  return (part.items ?? []).flatMap((item) => readRole(item, context))
}

function readRole(item: Part, context: ReadContext): Node[] {
  const { values, keywords, diagnostics } = context.reading
  const nameKey = ['role', 'name'].find((key) => item.get(key) !== undefined)
  const namePart = nameKey === undefined ? item : item.get(nameKey)
  if (item.isMapping && nameKey === undefined) {
    diagnostics.addGap(item.at(), "the role has no name: add 'role: name'")
    return []
  }
  const name = values.plainText(namePart, 'the name of a role')
  if (name === undefined) return []
  for (const key of item.keys)
    if (roleKeywords.notYet.has(key)) diagnostics.add(item.keyAt([key]), `'${key}' is not supported yet`)
  const inherited = keywords.inherit(context.inherited, item)
  const call = {
    name,
    at: namePart?.at() ?? item.at(),
    params: roleParams(item, context),
    from: {},
    allowDuplicates: false,
  }
  return loadRole(call, { ...context, inherited })
}

/** Returns the parameters: keys that are not keywords, and the vars. */
function roleParams(item: Part, context: ReadContext): Layer {
  const origin = 'role parameters'
  const written = item.get('vars')
  const vars = written === undefined ? undefined : context.reading.values.variables(written, origin)
  const names = item.keys.filter((key) => !roleKeywords.known.has(key) && !roleKeywords.notYet.has(key))
  const values = new Map([
    ...(vars?.values ?? []),
    ...names.map((name) => [name, item.get(name)?.value] as const),
  ])
  const at = (name: string, path: Path = []): Position | undefined =>
    vars?.at?.(name, path) ?? (values.has(name) ? item.at([name, ...path]) : undefined)
  return { origin, values, dialect: item.dialect, at }
}

/** Reads the tasks of a role after those of its dependencies, and adds its handlers to the collection. */
export function loadRole(call: RoleCall, context: ReadContext): Node[] {
  const { diagnostics, files, projectDir } = context.reading
  const path = findRole(call.name, context)
  if (path === undefined) {
    const hint =
      didYouMean(call.name, roleNames(context)) ?? `searched in ${rolesFolders(context).join(', ')}`
    diagnostics.addGap(call.at, `no such role: '${call.name}'`, hint)
    return []
  }
  const link = `role ${path}${call.from.tasks === undefined ? '' : ` ${call.from.tasks}`}`
  if (context.chain.includes(link)) {
    diagnostics.add(call.at, `the role ${call.name} depends on itself`)
    return []
  }
  const metaFile = roleFile(path, 'meta')
  const meta = metaFile === undefined ? undefined : files.open(metaFile, diagnostics)
  const role = readRoleVariables(call, path, context)
  const within: ReadContext = {
    ...context,
    role,
    folder: join(path, 'tasks'),
    searchPath: [...new Set([path, context.play.playbookDir, projectDir])],
    chain: [...context.chain, link],
    forHandlers: false,
  }
  const allowDuplicates =
    call.allowDuplicates ||
    context.reading.values.boolean(meta?.get('allow_duplicates'), 'allow_duplicates') === true
  const dependencies = readRoles(meta?.get('dependencies'), within)
  if (!context.roles.begin(identityOf(call, path, context.inherited), allowDuplicates)) return dependencies
  context.roles.add(role)
  context.roles.addHandlers(roleHandlers(call, path, within))
  return [...dependencies, ...roleTasks(call, path, within)]
}

function readRoleVariables(call: RoleCall, path: string, context: ReadContext): Role {
  const name = basename(path)
  const { reading } = context
  return {
    name,
    path,
    defaults: roleVariables(path, 'defaults', `defaults of role ${name}`, reading, call.from.defaults),
    vars: roleVariables(path, 'vars', `vars of role ${name}`, reading, call.from.vars),
    params: call.params,
  }
}

function roleTasks(call: RoleCall, path: string, within: ReadContext): Node[] {
  const file = roleFile(path, 'tasks', call.from.tasks)
  if (file !== undefined)
    return readNodes(within.reading.files.open(file, within.reading.diagnostics), within)
  if (call.from.tasks !== undefined)
    within.reading.diagnostics.addGap(call.at, `the role ${call.name} has no tasks/${call.from.tasks}.yml`)
  return []
}

function roleHandlers(call: RoleCall, path: string, within: ReadContext): Handler[] {
  const file = roleFile(path, 'handlers', call.from.handlers)
  if (file === undefined) return []
  const part = within.reading.files.open(file, within.reading.diagnostics)
  const inherited = { ...nothingInherited, keywords: within.inherited.keywords, vars: within.inherited.vars }
  return readHandlers(part, { ...within, folder: join(path, 'handlers'), inherited })
}

function identityOf(call: RoleCall, path: string, inherited: Inherited): string {
  const conditions = inherited.when.map((condition) => condition.text)
  return JSON.stringify([path, [...call.params.values], call.from, conditions, inherited.tags])
}
