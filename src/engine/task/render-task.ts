import { isUtf8 } from 'node:buffer'

import { TaskFailure } from '../../errors.ts'
import type {
  AnyAction,
  AnyModule,
  EvaluatedExpression,
  Given,
  Source,
} from '../../modules/definition/module.ts'
import { shownPath } from '../../playbook/document/display-path.ts'
import { validateParams } from '../../playbook/params/params.ts'
import type { Task } from '../../playbook/playbook.ts'
import { findSource, loadSource, wholeContent } from '../../playbook/source.ts'
import type { Layer } from '../../variables/layer.ts'
import { NotKnown } from '../../variables/not-known.ts'
import type { Scope } from '../../variables/scope.ts'
import type { Templated } from '../../variables/templated.ts'
import { invocationOf, type Invocation } from '../converge/invocation.ts'
import type { HostRun } from '../host/host-run.ts'
import { iterationsOf } from './iteration.ts'
import { becomeUserOf, demandFlags } from './keywords.ts'
import { SharedRendering } from './shared-rendering.ts'

/** A task rendered for a host: the whole task, or one item of its loop. */
export interface RenderedTask {
  /** The label of the loop item. */
  readonly label?: string
  /** The variables of an item. */
  readonly layer?: Layer
  readonly work: Work
}

export type Work =
  | { readonly type: 'skipped'; readonly because: string }
  | { readonly type: 'unknown'; readonly until: string }
  | { readonly type: 'meta' }
  | { readonly type: 'action'; readonly action: AnyAction; readonly params: unknown }
  /** `source` is the file as found, before rendering. */
  | { readonly type: 'module'; readonly invocation: Invocation; readonly source: Source | undefined }

interface CachedTask {
  readonly version: number
  readonly rendered: readonly RenderedTask[]
}

const shared = new SharedRendering<readonly RenderedTask[]>((rendered, task) =>
  rendered.every(({ work }) => isCurrent(work, task)),
)

function isCurrent(work: Work, task: Task): boolean {
  if (work.type !== 'module') return work.type === 'skipped'
  const { invocation, source } = work
  return source === undefined || sourceOf(invocation.module, task, invocation.params) === source
}

/** By host, the rendered tasks and the version of the variables. */
const cache = new WeakMap<HostRun, WeakMap<Task, CachedTask>>()

/**
 * Renders a task for a host, with all items of its loop, before any of them runs.
 * Throws NotKnown for facts and results that are not available yet, and UserError for mistakes.
 */
export function renderTask(host: HostRun, task: Task): readonly RenderedTask[] {
  const known = cache.get(host) ?? new WeakMap<Task, CachedTask>()
  cache.set(host, known)
  const cached = known.get(task)
  if (cached?.version === host.variables.version) return cached.rendered
  const scope = host.variables.scopeOf(task)
  const rendered = shared.get(task, scope, () => renderIterations(task, scope))
  known.set(task, { version: host.variables.version, rendered })
  return rendered
}

/** Frees the rendered task, which may hold strings of any size, when the task runs. */
export function forgetRendered(host: HostRun, task: Task): void {
  cache.get(host)?.delete(task)
}

/** Frees the rendering that hosts share, after all of them have passed the task. */
export function forgetShared(task: Task): void {
  shared.forget(task)
}

/** Returns the variables as a rendered task sees them now: its result, or facts, may have been added since. */
export function scopeNow(host: HostRun, task: Task, { layer }: RenderedTask): Scope {
  const scope = host.variables.scopeOf(task)
  return layer === undefined ? scope : scope.with(layer)
}

function renderIterations(task: Task, scope: Scope): RenderedTask[] {
  demandFlags(task, scope)
  const iterations = iterationsOf(task, scope)
  if (iterations === undefined) return [{ work: renderOne(task, scope) }]
  return iterations.map(({ item, layer }) =>
    scope.within(layer, (own) => ({ work: renderOne(task, own), layer, label: labelOf(task, item, own) })),
  )
}

function renderOne(task: Task, scope: Scope): Work {
  try {
    const failing = task.when.find((condition) => !scope.test(condition))
    if (failing !== undefined) return { type: 'skipped', because: `not: ${failing.text}` }
    return workOf(task, scope)
  } catch (error) {
    if (error instanceof NotKnown && error.reason === 'unknown') {
      return { type: 'unknown', until: error.detail }
    }
    throw error
  }
}

function workOf(task: Task, scope: Scope): Work {
  const { module } = task
  switch (module.type) {
    case 'meta':
      return { type: 'meta' }
    case 'action':
      return {
        type: 'action',
        action: module,
        params: validateParams(task, renderForAction(module, task, scope), scope.secrets),
      }
    case 'module': {
      const rendered = scope.render(task.params)
      const params = validateParams(task, rendered, scope.secrets)
      const source = sourceOf(module, task, params)
      const given = (
        source === undefined
          ? params
          : { ...(params as object), source: renderSource(module, task, source, scope) }
      ) as Given<unknown>
      return { type: 'module', invocation: invocationOf(module, given, becomeUserOf(task, scope)), source }
    }
  }
}

function renderForAction(action: AnyAction, task: Task, scope: Scope): unknown {
  const { params } = task
  if (!isMapping(params.value)) return scope.render(params)
  return Object.fromEntries(
    Object.entries(params.value).map(([name, value]) => {
      const { dialect } = params
      const param: Templated = { value, dialect, at: (path) => params.at([name, ...path]) }
      const isExpression = action.expressions?.includes(name) === true
      return [name, isExpression ? evaluateAll(param, scope) : scope.render(param)]
    }),
  )
}

function evaluateAll(param: Templated, scope: Scope): EvaluatedExpression | EvaluatedExpression[] {
  const { value, dialect } = param
  const evaluateOne = (one: unknown, path: readonly number[]): EvaluatedExpression => {
    const text = String(one)
    return {
      text,
      value: typeof one === 'string' ? scope.evaluate({ text, dialect, at: param.at(path) }) : one,
    }
  }
  return Array.isArray(value)
    ? value.map((one: unknown, index) => evaluateOne(one, [index]))
    : evaluateOne(value, [])
}

function sourceOf(module: AnyModule, task: Task, params: unknown): Source | undefined {
  if (module.source === undefined || !isMapping(params)) return undefined
  const { src, remote_src: onHost } = params
  if (typeof src !== 'string' || onHost === true) return undefined
  const path = findSource(task, module.source, src)
  if (path === undefined) {
    throw new TaskFailure(`${module.source} not found: ${src}`, {
      hint: `looked in ${task.searchPath.join(', ')}`,
    })
  }
  return loadSource(path)
}

function renderSource(module: AnyModule, task: Task, source: Source, scope: Scope): Source {
  if (module.source === 'file' || source.type === 'directory') return source
  const { path, content } = source
  const { dialect } = task.params
  const text = scope.template({
    path: shownPath(path),
    content: textOfTemplate(path, wholeContent(content)),
    dialect,
  })
  return { ...source, content: Buffer.from(text) }
}

/** Other bytes would not reach the host as they are in the template. */
function textOfTemplate(path: string, content: Buffer): string {
  if (isUtf8(content)) return content.toString()
  let line = 1
  for (let start = 0; ; line += 1) {
    const end = content.indexOf(10, start)
    if (end === -1 || !isUtf8(content.subarray(start, end))) break
    start = end + 1
  }
  throw new TaskFailure(`${shownPath(path)}:${line}: the template is not UTF-8 text here`, {
    hint: 'save it as UTF-8, or use the module copy for a file that is not text',
  })
}

function labelOf(task: Task, item: unknown, scope: Scope): string {
  const { loopLabel } = task
  const label = loopLabel === undefined ? item : scope.render(loopLabel)
  return typeof label === 'string' ? label : JSON.stringify(label)
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
