import { Diagnostics } from '../document/diagnostics.ts'
import type { Part } from '../document/part.ts'
import type { Inherited } from '../keywords/inherited.ts'
import { allowing, includeKeywords } from '../keywords/keywords.ts'
import { readLoop } from '../keywords/loop.ts'
import type { ModuleKey } from '../params/module-call.ts'
import type { Handler, Include, Node } from '../playbook.ts'
import { readLater, type ReadContext } from './context.ts'
import { fileOf } from './import.ts'
import { RoleCollection } from './role-collection.ts'
import { findRole } from './role-files.ts'
import { callOf, readRoleReference } from './role-reference.ts'
import { loadRole } from './role.ts'
import { findTaskFile, readTaskFile } from './task-file.ts'
import { commonOf } from './tasks.ts'

const deepest = 50

interface Loaded {
  readonly nodes: readonly Node[]
  readonly handlers: readonly Handler[]
}

type Loading = (name: string, context: ReadContext) => Node[]

/** Reads include_tasks and include_role. */
export function loadInclude(
  kind: 'tasks' | 'role',
  item: Part,
  key: ModuleKey,
  context: ReadContext,
): Include[] {
  const { values, keywords, diagnostics } = context.reading
  const others = item.keys.filter((one) => one === key.key || one.startsWith('with_'))
  values.checkKeys(item, allowing(includeKeywords, others), key.name)
  const reference = kind === 'role' ? readRoleReference(item, key, context.reading) : undefined
  if (reference?.isPublic === true)
    diagnostics.add(
      key.at,
      "'public: true' is not supported: the variables of an included role stay in the role",
      'import the role, or set the variables in the play',
    )
  const target = kind === 'role' ? reference?.name : fileOf(item, key, context)
  const name = values.text(target, kind === 'role' ? 'the name of a role' : 'the name of a file')
  if (target === undefined || name === undefined) return []
  const own = keywords.withVars(context.inherited, item, `vars of ${key.name}`)
  const inside = { ...context, inherited: inheritedInside(item, key, own, context) }
  const loads: Loading =
    reference === undefined
      ? (file, where) => readTaskFile(file, target.at(), where)
      : (role, where) => loadRole(callOf(reference, role), where)
  const known = new Map<string, Loaded>()
  if (!target.isTemplated && !leadsBack(kind, name, context)) known.set(name, loadNow(name, inside, loads))
  const preloaded = known.get(name)?.nodes
  const include: Include = {
    type: 'include',
    kind,
    ...commonOf(item, own, context, key.name),
    target,
    ...readLoop(item, values, diagnostics),
    ...(preloaded === undefined ? {} : { preloaded }),
    load(wanted) {
      const loaded = known.get(wanted) ?? loadAtRunTime(wanted, inside, loads, include)
      known.set(wanted, loaded)
      return loaded.nodes
    },
    handlersOf: (wanted) => known.get(wanted)?.handlers ?? [],
  }
  return [include]
}

/** The included tasks inherit the keywords around the include, its vars, and `apply`, but not its other keywords. */
function inheritedInside(item: Part, key: ModuleKey, own: Inherited, context: ReadContext): Inherited {
  const around = { ...context.inherited, vars: own.vars }
  const apply = item.get(key.key)?.get('apply') ?? item.get('args')?.get('apply')
  return apply === undefined
    ? around
    : context.reading.keywords.withVars(around, apply, `vars of ${key.name}`)
}

/** Returns true if an include includes itself. This is valid if a condition ends the recursion during the run. */
function leadsBack(kind: 'tasks' | 'role', name: string, context: ReadContext): boolean {
  const found = kind === 'tasks' ? findTaskFile(name, context) : findRole(name, context)
  if (found === undefined) return false
  return context.chain.some(
    (link) => link === found || link === `role ${found}` || link.startsWith(`role ${found} `),
  )
}

function loadNow(name: string, context: ReadContext, load: Loading): Loaded {
  const roles = new RoleCollection(context.roles)
  const nodes = load(name, { ...context, roles })
  return { nodes, handlers: roles.handlers }
}

function loadAtRunTime(name: string, context: ReadContext, load: Loading, include: Include): Loaded {
  const diagnostics = new Diagnostics()
  const depth = context.depth + 1
  if (depth > deepest)
    diagnostics.add(
      include.at,
      `includes are nested more than ${deepest} deep`,
      'check whether the file includes itself endlessly',
    )
  diagnostics.throwIfAny()
  const roles = new RoleCollection(context.roles)
  const nodes = load(name, { ...readLater(context, roles, diagnostics), chain: [], depth })
  context.play.checks?.check(nodes, diagnostics, include)
  diagnostics.throwIfAny()
  return { nodes, handlers: roles.handlers }
}
