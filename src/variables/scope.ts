import { type Position, UserError } from '../errors.ts'
import { placeInText } from '../text/place-in-text.ts'
import { within } from '../yaml/scalar-position.ts'
import { SecretSource } from '../yaml/secret-source.ts'
import type { Compiled } from './evaluation/compiled.ts'
import { projectDialect } from './dialects.ts'
import { SyntaxProblem } from './evaluation/syntax-problem.ts'
import { includedSource, type TemplateSource } from './template-source.ts'
import { ExpressionError } from './evaluation/expression-error.ts'
import { Frame, property, type ReadMode } from './evaluation/frame.ts'
import type { Layer } from './layer.ts'
import { isLazy } from './lazy-mapping.ts'
import { NotKnown, UnknownValue } from './not-known.ts'
import { omit } from './omit.ts'
import { isPlainObject } from './plain.ts'
import { Reads } from './reads.ts'
import { Secrets } from './secrets/secrets.ts'
import { textOf } from './evaluation/text-of.ts'
import { describePath, undefinedProperty, undefinedVariable } from './evaluation/undefined-path.ts'

type Path = readonly (string | number)[]

export interface ScopeOptions {
  /** Asked first for every name; what it answers is thrown. */
  readonly unavailable?: (name: string) => NotKnown | undefined
  /** Where the values of secrets are registered. */
  readonly secrets?: Secrets
  /** Functions that expressions may call. */
  readonly helpers?: Readonly<Record<string, unknown>>
}

/**
 * The variables that an expression sees. They are rendered when they are read, each part for itself; what is handed out
 * is plain data that belongs to the caller. A scope remembers what it rendered: after a layer changed make another one.
 */
export class Scope {
  readonly #layers: readonly Layer[]
  readonly #options: ScopeOptions
  /** What is shown nowhere. */
  readonly secrets: Secrets
  readonly #rendered = new Map<string, { readonly value: unknown; readonly reads: Reads }>()
  readonly #rendering: string[] = []
  /** Of the work that is under way, where somebody wants to know. */
  #reads: Reads | undefined

  /** @param layers lowest precedence first */
  constructor(layers: readonly Layer[], options: ScopeOptions = {}) {
    this.#layers = layers
    this.#options = options
    this.secrets = options.secrets ?? new Secrets()
    for (const layer of layers) this.secrets.learn(layer)
  }

  /** A scope with more layers on top. */
  with(...layers: readonly Layer[]): Scope {
    return new Scope([...this.#layers, ...layers], { ...this.#options, secrets: this.secrets })
  }

  names(): string[] {
    const names = new Set(this.#layers.flatMap((layer) => [...layer.values.keys()]))
    return [...names, ...Object.keys(this.#options.helpers ?? {})]
  }

  has(name: string): boolean {
    const layer = this.#layerOf(name)
    this.#reads?.addPresence(name, layer)
    return layer !== undefined
  }

  /** Does the work, and tells which variables it has read. */
  recording<Value>(work: () => Value): { value: Value; reads: Reads } {
    const around = this.#reads
    const reads = (this.#reads = new Reads())
    try {
      return { value: work(), reads }
    } finally {
      this.#reads = around
      around?.addAll(reads)
    }
  }

  /** Whether work that has read these variables would read the same here. */
  holds(reads: Reads): boolean {
    return reads.areSameIn({
      unavailable: (name) => this.unavailable(name),
      layerOf: (name) => this.#layerOf(name),
    })
  }

  /** Why nobody can say yet what a variable is, or whether there is one of this name. */
  unavailable(name: string): NotKnown | undefined {
    return this.#options.unavailable?.(name)
  }

  /** Where a variable is defined. */
  at(name: string): Position | undefined {
    return this.#layerOf(name)?.at?.(name)
  }

  /** A variable's value, rendered deeply. */
  get(name: string, at: Position = { file: 'variables', line: 1, column: 1 }): unknown {
    return this.#readPath([name], 0, () => at)
  }

  /** Renders every string in the value; `at` tells where its parts stand. */
  render(value: unknown, at: (path: Path) => Position): unknown {
    return this.#renderDeep(value, [], (text, path) => this.#evaluateText(text, at(path)))
  }

  evaluate(expression: string, at: Position): unknown {
    return this.#handOut(
      this.#run(
        () => projectDialect.compileExpression(expression),
        at,
        (offset) => within(at, offset),
      ),
    )
  }

  /** A condition: anything but true and false is an error. */
  test(expression: string, at: Position): boolean {
    return projectDialect.asCondition(this.evaluate(expression, at), expression, at)
  }

  /** A whole EJS file. */
  template(source: TemplateSource, at: Position, data?: Readonly<Record<string, unknown>>): string {
    const scope =
      data === undefined
        ? this
        : this.with({ origin: 'include', values: new Map(Object.entries(data)), literal: true })
    const locate = (offset: number): Position => ({
      file: source.path,
      ...placeInText(source.content, offset),
    })
    const include = (path: string, more?: Record<string, unknown>): string => {
      // the file may change, and the variables are those of another scope
      this.#reads?.spoil()
      return scope.template(includedSource(source, path), at, more)
    }
    return textOf(scope.#run(() => projectDialect.compileText(source.content), locate(0), locate, include))
  }

  #run(
    compile: () => Compiled,
    at: Position,
    locate: (offset: number) => Position,
    include?: (path: string, data?: Record<string, unknown>) => string,
  ): unknown {
    const frame = new Frame(
      {
        readPath: (keys, mode, position) => this.#readPath(keys, mode, position),
        ...(include === undefined ? {} : { include }),
      },
      locate,
    )
    try {
      const compiled = compile()
      if (!compiled.isRepeatable) this.#reads?.spoil()
      return compiled.evaluate(frame)
    } catch (error) {
      if (error instanceof NotKnown || error instanceof UserError) throw error
      if (error instanceof SyntaxProblem)
        throw new ExpressionError(error.message, locate(error.offset), error.hint)
      if (!(error instanceof Error)) throw new ExpressionError(String(error), at)
      throw new ExpressionError(error.message, locate(frame.here))
    }
  }

  #evaluateText(text: string, at: Position): unknown {
    return projectDialect.isTemplated(text)
      ? this.#run(
          () => projectDialect.compileText(text),
          at,
          (offset) => within(at, offset),
        )
      : text
  }

  #layerOf(name: string): Layer | undefined {
    return this.#layers.findLast((layer) => layer.values.has(name))
  }

  #readPath(keys: readonly PropertyKey[], mode: ReadMode, at: () => Position): unknown {
    const name = String(keys[0])
    const helper = this.#options.helpers?.[name]
    if (helper !== undefined) {
      this.#reads?.spoil()
      return helper
    }
    const unavailable = this.unavailable(name)
    if (unavailable !== undefined) {
      this.#reads?.spoil()
      throw unavailable
    }
    const layer = this.#layerOf(name)
    this.#reads?.addValue(name, layer)
    if (layer === undefined) {
      if (mode === 1) return undefined
      const advice = projectDialect.adviceFor({ type: 'undefined name', name })
      throw undefinedVariable(name, this.names(), (other) => this.at(other), at(), advice)
    }
    return this.#walk(layer, keys, mode, at)
  }

  #walk(layer: Layer, keys: readonly PropertyKey[], mode: ReadMode, at: () => Position): unknown {
    const path = keys.map((key) => (typeof key === 'number' ? key : String(key)))
    let data = layer.literal === true
    let value = layer.values.get(String(keys[0]))
    for (let depth = 1; depth < keys.length; depth += 1) {
      if (!isContainer(value)) {
        const settled = this.#settle(value, data ? undefined : layer, path.slice(0, depth))
        data ||= settled !== value
        value = settled
      }
      const found = property(value, keys[depth] ?? '')
      if (found === undefined) {
        if (mode === 1 || (mode !== 0 && mode.some((from) => from <= depth))) return undefined
        const place = (key: string): Position | undefined =>
          data ? undefined : layer.at?.(path[0] as string, [...path.slice(1, depth), key])
        throw undefinedProperty(keys.slice(0, depth + 1), value, place, at())
      }
      value = found.value
    }
    return this.#deep(value, data ? undefined : layer, path)
  }

  /** The value without what stands for it: text is rendered, secrets are resolved, unknown values throw. */
  #settle(value: unknown, layer: Layer | undefined, path: Path): unknown {
    if (value instanceof UnknownValue) {
      this.#reads?.spoil()
      throw new NotKnown('unknown', value.detail)
    }
    if (value instanceof SecretSource)
      return this.secrets.resolve(value, (text) => textOf(this.#evaluateText(text, value.at)))
    if (typeof value === 'string' && layer !== undefined && projectDialect.isTemplated(value))
      return this.#renderVariable(value, layer, path)
    return value
  }

  #deep(value: unknown, layer: Layer | undefined, path: Path): unknown {
    return this.#renderDeep(value, path, (text, inner) => this.#settle(text, layer, inner))
  }

  #renderVariable(text: string, layer: Layer, path: Path): unknown {
    const key = path.join('\0')
    const known = this.#rendered.get(key)
    if (known !== undefined) {
      this.#reads?.addAll(known.reads)
      return this.#handOut(known.value)
    }
    const name = describePath(path)
    const at = layer.at?.(String(path[0]), path.slice(1)) ?? { file: layer.origin, line: 1, column: 1 }
    const start = this.#rendering.indexOf(name)
    if (start !== -1) {
      const cycle = [...this.#rendering.slice(start), name].join(' → ')
      throw new ExpressionError(`variables refer to each other in a circle: ${cycle}`, at)
    }
    this.#rendering.push(name)
    try {
      const rendered = this.recording(() => this.#evaluateText(text, at))
      this.#rendered.set(key, rendered)
      return this.#handOut(rendered.value)
    } catch (error) {
      throw error instanceof ExpressionError ? error.within(name) : error
    } finally {
      this.#rendering.pop()
    }
  }

  #handOut(value: unknown): unknown {
    return typeof value === 'object' && value !== null ? this.#renderDeep(value, [], (text) => text) : value
  }

  #renderDeep(value: unknown, path: Path, text: (text: string, path: Path) => unknown): unknown {
    if (typeof value === 'string') return text(value, path)
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value))
      return value
        .map((item: unknown, index) => this.#renderDeep(item, [...path, index], text))
        .filter((item) => item !== omit)
    if (value instanceof UnknownValue || value instanceof SecretSource)
      return this.#settle(value, undefined, path)
    if (!isPlainObject(value) || isLazy(value)) return value
    return Object.fromEntries(
      Object.entries(value)
        .map(([key, item]) => [key, this.#renderDeep(item, [...path, key], text)] as const)
        .filter(([, item]) => item !== omit),
    )
  }
}

function isContainer(value: unknown): boolean {
  return Array.isArray(value) || isPlainObject(value)
}
