import { readFileSync } from 'node:fs'

import type { Position } from '../../errors.ts'
import { didYouMean } from '../../text/did-you-mean.ts'
import { optionalNamesOfExpression } from '../../variables/check.ts'
import type { Layer } from '../../variables/layer.ts'
import type { Path } from '../../yaml/yaml-document.ts'
import type { Diagnostics } from '../document/diagnostics.ts'
import { shownPath } from '../document/display-path.ts'
import { isMapping } from '../document/part.ts'
import { isFile } from '../document/yaml-files.ts'
import { checkParams } from '../params/params.ts'
import type { Common, Include, Loop, Node, Play, Task } from '../playbook.ts'
import { isUnforeseeable, loopNames, nodesIn } from '../select/nodes.ts'
import { findSource, sourceNames } from '../source.ts'
import { ExpressionChecks } from './expression-checks.ts'
import { HandlerNames } from './handler-names.ts'
import { anyName, definedByRun, type VisibleNames as Names, VisibleNames } from './visible-names.ts'

/** The context of the checks of a play. */
export interface Surroundings {
  /** The variables of the inventory, the command line and the facts; without them, no name is reported as undefined. */
  readonly outside: ReadonlySet<string> | undefined
  /** Returns whether a variable may become defined during the run. */
  readonly mayBeVariable?: ((name: string) => boolean) | undefined
  /** Names that earlier plays registered and set; this play adds its own. */
  readonly defined: Set<string>
  readonly registered: ReadonlySet<string>
  /** True if parts of the playbook could not be read, so that their definitions are unknown. */
  readonly hasGaps: boolean
}

/** Checks a complete play: the meaning of a task depends on the definitions of the others. */
export class PlayChecks {
  readonly #play: Play
  readonly #defined: Set<string>
  readonly #names: VisibleNames
  readonly #handlers: HandlerNames
  readonly #loopVariables = new Set<string>()

  constructor(play: Play, { outside, mayBeVariable, defined, registered, hasGaps }: Surroundings) {
    const nodes = [...play.sections.flat(), ...play.handlers]
    this.#play = play
    this.#defined = defined
    this.#handlers = new HandlerNames(play, hasGaps)
    this.#learn(nodes)
    for (const name of registered) defined.add(name)
    const isOpen = outside === undefined || hasGaps || [...nodesIn(nodes)].some(isUnforeseeable)
    const layers = [...play.vars, ...play.roles.flatMap((role) => [role.defaults, role.vars])]
    const sets = [definedByRun, outside ?? new Set<string>(), defined, ...layers.map((layer) => layer.values)]
    this.#names = new VisibleNames(sets, isOpen ? anyName : mayBeVariable)
  }

  /** Checks everything in the play. */
  checkAll(diagnostics: Diagnostics): void {
    const checks = new ExpressionChecks(diagnostics)
    const anywhere = this.#names.with(this.#loopVariables)
    for (const layer of this.#play.vars) checks.layer(layer, anywhere)
    for (const role of this.#play.roles) {
      for (const layer of [role.defaults, role.vars]) checks.layer(layer, anywhere.with(role.params.values))
      checks.layer(role.params, anywhere)
    }
    this.#checkKeywords(this.#play, this.#names, checks)
    this.#checkNodes(this.#play.sections.flat(), this.#names, diagnostics)
    this.#checkNodes(this.#play.handlers, this.#names, diagnostics)
  }

  /** Checks the nodes that an include loaded during the run. */
  check(nodes: readonly Node[], diagnostics: Diagnostics, include: Include): void {
    this.#learn(nodes)
    const isOpen = [...nodesIn(nodes)].some(isUnforeseeable)
    const names = isOpen ? new VisibleNames([], anyName) : this.#names
    this.#checkNodes(nodes, names.with(loopNames(include)), diagnostics)
  }

  #learn(nodes: readonly Node[]): void {
    for (const node of nodesIn(nodes)) {
      if (node.type !== 'block') for (const name of loopNames(node)) this.#loopVariables.add(name)
      if (node.type !== 'task') continue
      if (node.register !== undefined) this.#defined.add(node.register)
      if (node.module.name === 'set_fact' && isMapping(node.params.value))
        for (const name of Object.keys(node.params.value)) this.#defined.add(name)
    }
  }

  #checkNodes(nodes: readonly Node[], names: Names, diagnostics: Diagnostics): void {
    const checks = new ExpressionChecks(diagnostics)
    for (const node of nodes) {
      const guarded = names.with(namesGuardedBy(node))
      const visible = guarded.with(...layersOf(node).map((layer) => layer.values))
      const inLoop = node.type === 'block' ? visible : visible.with(loopNames(node))
      for (const layer of node.vars) checks.layer(layer, visible.with(this.#loopVariables))
      checks.expressions(node.when, inLoop)
      this.#checkKeywords(node, inLoop, checks)
      switch (node.type) {
        case 'block':
          this.#checkNodes([...node.block, ...node.rescue, ...node.always], guarded, diagnostics)
          break
        case 'include':
          this.#checkLoop(node, visible, inLoop, checks)
          checks.value(node.target, inLoop)
          this.#checkNodes(node.preloaded ?? [], guarded.with(loopNames(node)), diagnostics)
          break
        case 'task':
          this.#checkLoop(node, visible, inLoop, checks)
          this.#checkTask(node, inLoop, checks, diagnostics)
      }
    }
  }

  #checkTask(task: Task, names: Names, checks: ExpressionChecks, diagnostics: Diagnostics): void {
    const own = task.register === undefined ? names : names.with(new Set([task.register]))
    for (const conditions of [task.changedWhen, task.failedWhen, task.until])
      checks.expressions(conditions, own)
    if (task.module.type !== 'meta') {
      for (const { at, message, hint } of checkParams(task.module, task.params))
        diagnostics.add(at, message, hint)
    }
    this.#checkParamExpressions(task, names, checks)
    this.#checkSource(task, names, checks, diagnostics)
    this.#handlers.check(task.notify, diagnostics)
  }

  #checkParamExpressions(task: Task, names: Names, checks: ExpressionChecks): void {
    const { module, params } = task
    if (!isMapping(params.value)) return
    const bare = module.type === 'action' ? (module.expressions ?? []) : []
    for (const [name, value] of Object.entries(params.value)) {
      const at = (path: Path): Position => params.at([name, ...path])
      if (!bare.includes(name)) checks.value({ value, dialect: params.dialect, at }, names)
      else {
        const list = Array.isArray(value)
          ? value.map((item: unknown, index) => ({ item, path: [index] }))
          : [{ item: value, path: [] }]
        for (const { item, path } of list)
          if (typeof item === 'string')
            checks.expressions([{ text: item, dialect: params.dialect, at: at(path) }], names)
      }
    }
  }

  #checkSource(task: Task, names: Names, checks: ExpressionChecks, diagnostics: Diagnostics): void {
    const { module, params } = task
    if (module.type !== 'module' || module.source === undefined || !isMapping(params.value)) return
    const { src, remote_src: onHost } = params.value
    if (
      typeof src !== 'string' ||
      params.dialect.isTemplated(src) ||
      (onHost !== undefined && onHost !== false)
    )
      return
    const path = findSource(task, module.source, src)
    if (path === undefined) {
      diagnostics.add(
        params.at(['src']),
        `no such ${module.source}: ${src}`,
        didYouMean(src, sourceNames(task, module.source)) ?? `searched in ${task.searchPath.join(', ')}`,
      )
      return
    }
    if (module.source === 'template' && isFile(path))
      checks.template(
        { path: shownPath(path), content: readFileSync(path, 'utf8'), dialect: params.dialect },
        names,
      )
  }

  #checkLoop(loop: Loop, names: Names, inLoop: Names, checks: ExpressionChecks): void {
    for (const [part, visible] of [
      [loop.loop, names],
      [loop.loopLabel, inLoop],
    ] as const)
      if (part !== undefined) checks.value(part, visible)
  }

  #checkKeywords({ keywords }: Pick<Common, 'keywords'>, names: Names, checks: ExpressionChecks): void {
    const { environment = [], ...others } = keywords
    for (const one of environment) checks.value(one, names)
    for (const value of Object.values(others)) if (typeof value === 'object') checks.value(value, names)
  }
}

/** Returns the variables whose existence the conditions test, such as `x` of `typeof x !== 'undefined'`. */
function namesGuardedBy({ when }: Common): ReadonlySet<string> {
  return new Set(when.flatMap(optionalNamesOfExpression))
}

function layersOf(node: Common): Layer[] {
  const { role, vars } = node
  return [...(role === undefined ? [] : [role.defaults, role.vars, role.params]), ...vars]
}
