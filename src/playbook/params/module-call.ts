import type { Position } from '../../errors.ts'
import type { AnyAction, AnyModule } from '../../modules/definition/module.ts'
import { didYouMean } from '../../text/did-you-mean.ts'
import type { Dialect } from '../../variables/dialect.ts'
import type { Diagnostics } from '../document/diagnostics.ts'
import { describeValue, isMapping, type Part } from '../document/part.ts'
import type { KeywordTable } from '../keywords/keywords.ts'
import type { PlaybookValue } from '../playbook.ts'
import { parseAssignments, splitFreeForm } from './free-form.ts'
import { parameterNames } from './parameter-names.ts'

export type Modules = ReadonlyMap<string, AnyModule | AnyAction>

/** Actions of the engine itself. */
export const builtIns = ['meta', 'import_tasks', 'include_tasks', 'import_role', 'include_role'] as const
export type BuiltIn = (typeof builtIns)[number]

/** The beginning of a module's name that may be left out. */
export const collections = /^(ansible\.(builtin|legacy|posix)|community\.(general|mysql))\./
const loopWords = /^with_\w+$/

/** The key of a task that names its module. */
export interface ModuleKey {
  readonly key: string
  readonly name: string
  readonly at: Position
}

export function baseName(key: string): string {
  return key.replace(collections, '')
}

/** Finds the key of a task that names a module; reports tasks with none or several. */
export function findModuleKey(
  task: Part,
  keywords: KeywordTable,
  modules: Modules,
  diagnostics: Diagnostics,
): ModuleKey | undefined {
  const others = task.keys.filter(
    (key) => !keywords.known.has(key) && !keywords.notYet.has(key) && !loopWords.test(key),
  )
  const isModule = (key: string): boolean =>
    modules.has(baseName(key)) || (builtIns as readonly string[]).includes(baseName(key))
  const [found, second, ...more] = others.filter(isModule)
  for (const key of others.filter((other) => !isModule(other)))
    reportUnknown(task, key, found, { keywords, modules, diagnostics })
  if (second !== undefined) {
    const names = [found, second, ...more].map((key) => `'${key ?? ''}'`).join(' and ')
    diagnostics.add(task.keyAt([second]), `a task can have only one module, not ${names}`)
    return undefined
  }
  if (found !== undefined) return { key: found, name: baseName(found), at: task.keyAt([found]) }
  const postponed = task.keys.some((key) => key === 'action' || key === 'local_action')
  if (others.length === 0 && !postponed) diagnostics.add(task.at(), 'the task has no module')
  return undefined
}

function reportUnknown(
  task: Part,
  key: string,
  module: string | undefined,
  known: { keywords: KeywordTable; modules: Modules; diagnostics: Diagnostics },
): void {
  const keywords = [...known.keywords.known, ...known.keywords.notYet]
  if (module !== undefined) {
    const hint = didYouMean(key, keywords)
    known.diagnostics.add(task.keyAt([key]), `'${key}' is not a keyword of a task`, hint)
    return
  }
  const hint = didYouMean(baseName(key), [...known.modules.keys(), ...builtIns, ...keywords])
  known.diagnostics.add(task.keyAt([key]), `'${key}' is neither a module nor a keyword of a task`, hint)
}

/** Parameters from several parts of the file, as one mapping. */
class Parameters implements PlaybookValue {
  readonly value: Record<string, unknown>
  readonly dialect: Dialect
  readonly #origins: ReadonlyMap<string, PlaybookValue>
  readonly #at: Position

  constructor(origins: ReadonlyMap<string, PlaybookValue>, dialect: Dialect, at: Position) {
    this.dialect = dialect
    this.#origins = origins
    this.#at = at
    this.value = Object.fromEntries([...origins].map(([name, origin]) => [name, origin.value]))
  }

  at(path: readonly (string | number)[]): Position {
    const [name, ...rest] = path
    return this.#origins.get(String(name))?.at(rest) ?? this.#at
  }

  keyAt(path: readonly (string | number)[]): Position {
    const [name, ...rest] = path
    return this.#origins.get(String(name))?.keyAt(rest) ?? this.#at
  }
}

export function noParameters(task: Part, at: Position): PlaybookValue {
  return new Parameters(new Map(), task.dialect, at)
}

/**
 * Returns the parameters of a task: a mapping, a free-form string, `key=value` words, and `args`. Returns undefined
 * if they are invalid.
 */
export function readParameters(
  task: Part,
  key: ModuleKey,
  module: AnyModule | AnyAction | undefined,
  diagnostics: Diagnostics,
): PlaybookValue | undefined {
  const origins = new Map<string, PlaybookValue>()
  for (const part of [task.get('args'), task.get(key.key)]) {
    if (part === undefined || part.value === null) continue
    if (isMapping(part.value)) {
      addMapping(origins, part)
      continue
    }
    const problem = addText(origins, part, key, module)
    if (problem === undefined) continue
    diagnostics.add(part.at(), problem, 'write each parameter on its own line below it')
    return undefined
  }
  return new Parameters(origins, task.dialect, key.at)
}

function addMapping(origins: Map<string, PlaybookValue>, part: Part): void {
  for (const name of part.keys) {
    const value = part.get(name)
    if (value !== undefined) origins.set(name, value)
  }
}

/** Returns an error message, or undefined. */
function addText(
  origins: Map<string, PlaybookValue>,
  part: Part,
  key: ModuleKey,
  module: AnyModule | AnyAction | undefined,
): string | undefined {
  const problem = `${key.name} takes parameters, not ${describeValue(part.value)}`
  const { value, dialect } = part
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return problem
  const text = String(value)
  const add = (name: string, word: string): void => {
    origins.set(name, { value: word, dialect, at: () => part.at(), keyAt: () => part.at() })
  }
  const freeForm = module?.freeForm
  const assignments = parseAssignments(text, dialect)
  const names = new Set(module === undefined ? [] : parameterNames(module.params))
  const isFreeForm = module !== undefined && freeForm !== undefined
  if (!isFreeForm || (assignments !== undefined && areParameters(assignments, names))) {
    for (const [name, word] of assignments ?? []) add(name, word)
    return assignments === undefined ? problem : undefined
  }
  const others = new Set([...names].filter((name) => name !== freeForm))
  const split = splitFreeForm(text, others, dialect)
  for (const [name, word] of split.parameters) add(name, word)
  // the unchanged part has the position of every character
  if (split.text === text) origins.set(freeForm, part)
  else add(freeForm, split.text)
  return undefined
}

/** Returns whether there are assignments, all of them to parameters of the module. */
function areParameters(assignments: ReadonlyMap<string, string>, names: ReadonlySet<string>): boolean {
  return assignments.size > 0 && [...assignments.keys()].every((name) => names.has(name))
}
