import { defined } from '../../text/defined.ts'
import type { Diagnostics } from '../document/diagnostics.ts'
import { describeValue, type Part } from '../document/part.ts'
import type { Inherited } from '../keywords/inherited.ts'
import { blockKeywords, handlerKeywords, taskKeywords } from '../keywords/keywords.ts'
import { readLoop } from '../keywords/loop.ts'
import { readMeta } from '../params/meta.ts'
import {
  builtIns,
  findModuleKey,
  noParameters,
  readParameters,
  type BuiltIn,
  type ModuleKey,
} from '../params/module-call.ts'
import type { Block, Common, Handler, Node, Task } from '../playbook.ts'
import type { ReadContext } from './context.ts'
import { importRole, importTasks } from './import.ts'
import { loadInclude } from './include.ts'

/** Reads the tasks, blocks and includes of a list, with all imports loaded. */
export function readNodes(part: Part | undefined, context: ReadContext): Node[] {
  return listed(part, context.reading.diagnostics).flatMap((item) => readNode(item, context))
}

function listed(part: Part | undefined, diagnostics: Diagnostics): Part[] {
  if (part === undefined || part.value === null) return []
  if (part.items === undefined)
    diagnostics.add(part.at(), `expected a list of tasks, not ${describeValue(part.value)}`)
  return (part.items ?? []).filter((item) => {
    if (item.isMapping) return true
    diagnostics.add(item.at(), `expected a task, not ${describeValue(item.value)}`)
    return false
  })
}

function readNode(item: Part, context: ReadContext): Node[] {
  if (item.get('block') !== undefined) return [readBlock(item, context)]
  const { diagnostics, modules } = context.reading
  const keywords = context.forHandlers ? handlerKeywords : taskKeywords
  reportNotYet(item, keywords.notYet, diagnostics)
  const register = context.reading.values.variableName(item.get('register'), 'register')
  if (register !== undefined) context.play.registered.add(register)
  const key = findModuleKey(item, keywords, modules, diagnostics)
  if (key === undefined) return []
  switch (builtInOf(key)) {
    case 'import_tasks':
      return importTasks(item, key, context)
    case 'import_role':
      return importRole(item, key, context)
    case 'include_tasks':
      return loadInclude('tasks', item, key, context)
    case 'include_role':
      return loadInclude('role', item, key, context)
    case 'meta':
    case undefined:
      return readTask(item, key, context)
  }
}

function builtInOf(key: ModuleKey): BuiltIn | undefined {
  return builtIns.find((name) => name === key.name)
}

function reportNotYet(item: Part, notYet: ReadonlySet<string>, diagnostics: Diagnostics): void {
  for (const key of item.keys)
    if (notYet.has(key)) diagnostics.add(item.keyAt([key]), `'${key}' is not supported yet`)
}

function readBlock(item: Part, context: ReadContext): Block {
  const { values, keywords } = context.reading
  values.checkKeys(item, blockKeywords, 'a block')
  const inherited = keywords.withVars(context.inherited, item, 'block vars')
  const inside = { ...context, inherited }
  return {
    type: 'block',
    ...commonOf(item, inherited, context, 'block'),
    block: readNodes(item.get('block'), inside),
    rescue: readNodes(item.get('rescue'), inside),
    always: readNodes(item.get('always'), inside),
  }
}

/** Resolves the keywords that tasks, blocks and includes share. */
export function commonOf(item: Part, inherited: Inherited, context: ReadContext, kind: string): Common {
  const name = context.reading.values.text(item.get('name'), 'name')
  return {
    name: name ?? kind,
    dialect: item.dialect,
    at: item.at(),
    when: inherited.when,
    tags: inherited.tags,
    vars: inherited.vars,
    keywords: inherited.keywords,
    searchPath: context.searchPath,
    ...(context.role === undefined ? {} : { role: context.role }),
  }
}

function readTask(item: Part, key: ModuleKey, context: ReadContext): (Task | Handler)[] {
  const { values, keywords, modules, diagnostics } = context.reading
  const called = modules.get(key.name)
  const module = key.name === 'meta' ? readMeta(item, key, diagnostics) : called
  if (module === undefined) return []
  const params =
    module.type === 'meta' ? noParameters(item, key.at) : readParameters(item, key, called, diagnostics)
  if (params === undefined) return []
  const inherited = keywords.withVars(context.inherited, item, 'task vars')
  const register = values.variableName(item.get('register'), 'register')
  const changedWhen = values.conditions(item.get('changed_when'), 'changed_when')
  const failedWhen = values.conditions(item.get('failed_when'), 'failed_when')
  const until = values.conditions(item.get('until'), 'until')
  const task: Task = {
    type: 'task',
    ...commonOf(item, inherited, context, key.name),
    module,
    params,
    ...readLoop(item, values, diagnostics),
    notify: inherited.notify,
    retries: values.quantity(item.get('retries'), 'retries') ?? 3,
    delay: values.quantity(item.get('delay'), 'delay') ?? 5,
    runOnce: inherited.runOnce,
    ...defined({ register, changedWhen, failedWhen, until }),
    ...(inherited.timeout === undefined || inherited.timeout === 0 ? {} : { timeout: inherited.timeout }),
    ...(inherited.throttle === undefined || inherited.throttle === 0 ? {} : { throttle: inherited.throttle }),
  }
  if (!context.forHandlers) return [task]
  const topics = values.texts(item.get('listen'), 'listen')
  const handler: Handler = { ...task, listen: topics.map((topic) => String(topic.value)) }
  return [handler]
}
