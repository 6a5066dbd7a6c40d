import type { Position } from '../errors.ts'
import { placeInText } from '../text/place-in-text.ts'
import { within } from '../yaml/scalar-position.ts'
import { SecretSource } from '../yaml/secret-source.ts'
import type { Dialect } from './dialect.ts'
import { type Code, evaluate } from './evaluation/evaluate.ts'
import { ExpressionError } from './evaluation/expression-error.ts'
import { property, type ReadMode, type Surroundings } from './evaluation/frame.ts'
import { textOf } from './evaluation/text-of.ts'
import { describePath, undefinedProperty, undefinedVariable } from './evaluation/undefined-path.ts'
import type { Layer } from './layer.ts'
import { NotKnown, UnknownValue } from './not-known.ts'
import { isPlainObject } from './plain.ts'
import { Reads } from './reads.ts'
import { type Path, renderDeep } from './render-deep.ts'
import { Secrets } from './secrets/secrets.ts'
import { includedSource, type TemplateSource } from './template-source.ts'
import type { Expression, Templated } from './templated.ts'

export interface ScopeOptions {
  /** Called before each read of a variable; an error that it returns is thrown. */
  readonly unavailable?: (name: string) => NotKnown | undefined
  /** The registry to which the values of secrets are added. */
  readonly secrets?: Secrets
}

/**
 * The variables that an expression can see. Only the parts of a variable that are read are rendered, and the results are
 * cached: after a layer has changed, create a new scope. Returned values are copies.
 */
export class Scope {
  readonly #layers: readonly Layer[]
  readonly #options: ScopeOptions
  readonly secrets: Secrets
  readonly #rendered = new Map<string, { readonly value: unknown; readonly reads: Reads }>()
  /** The variables that are being rendered, to detect a cycle. */
  readonly #rendering: string[] = []
  /** The reads of the current `recording`. */
  #reads: Reads | undefined

  /** @param layers lowest precedence first */
  constructor(layers: readonly Layer[], options: ScopeOptions = {}) {
    this.#layers = layers
    this.#options = options
    this.secrets = options.secrets ?? new Secrets()
    for (const layer of layers) this.secrets.learn(layer)
  }

  /** Returns a scope with more layers on top. */
  with(...layers: readonly Layer[]): Scope {
    return new Scope([...this.#layers, ...layers], { ...this.#options, secrets: this.secrets })
  }

  names(): string[] {
    return [...new Set(this.#layers.flatMap((layer) => [...layer.values.keys()]))]
  }

  has(name: string): boolean {
    const layer = this.#layerOf(name)
    this.#reads?.addPresence(name, layer)
    return layer !== undefined
  }

  /** Runs the work, and records which variables it reads. */
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

  /** Runs the work in a scope with one more layer on top. A recording contains what it reads of the other layers. */
  within<Value>(layer: Layer, work: (scope: Scope) => Value): Value {
    const inner = this.with(layer)
    const { value, reads } = inner.recording(() => work(inner))
    this.#reads?.addAll(reads.without(layer))
    return value
  }

  /** Returns whether these variables have the same values here. */
  holds(reads: Reads): boolean {
    return reads.areSameIn({
      unavailable: (name) => this.unavailable(name),
      layerOf: (name) => this.#layerOf(name),
    })
  }

  /** Returns the reason why a variable is not known yet, or why it is not known whether it will be defined. */
  unavailable(name: string): NotKnown | undefined {
    return this.#options.unavailable?.(name)
  }

  /** Returns the position at which a variable is defined. */
  at(name: string): Position | undefined {
    return this.#layerOf(name)?.at?.(name)
  }

  /** Returns the value of a variable, rendered deeply. */
  get(name: string, at: Position = { file: 'variables', line: 1, column: 1 }): unknown {
    return this.#readPath([name], 0, () => at)
  }

  /** Renders every string in a value. */
  render(templated: Templated): unknown {
    const { value, dialect } = templated
    return renderDeep(value, [], (leaf, path) =>
      typeof leaf === 'string'
        ? this.#evaluateText(leaf, dialect, () => templated.at(path))
        : this.#reveal(leaf, dialect),
    )
  }

  evaluate({ text, dialect, at }: Expression): unknown {
    return this.#resolveDeep(
      this.#run(dialect, {
        compile: () => dialect.compileExpression(text),
        at,
        locate: (offset) => within(at, offset),
      }),
    )
  }

  /** Evaluates a condition. Throws ExpressionError if the value is not a condition. */
  test(condition: Expression): boolean {
    const { text, dialect, at } = condition
    return dialect.asCondition(this.evaluate(condition), text, at)
  }

  /** Renders a template file. */
  template(source: TemplateSource, data?: Readonly<Record<string, unknown>>): string {
    const { path, content, dialect } = source
    const scope =
      data === undefined
        ? this
        : this.with({ origin: 'include', values: new Map(Object.entries(data)), literal: true })
    const locate = (offset: number): Position => ({ file: path, ...placeInText(content, offset) })
    const include = (other: string, more?: Record<string, unknown>): string => {
      // the file may change, and the variables are those of another scope
      this.#reads?.markUnrepeatable()
      return scope.template(includedSource(source, other), more)
    }
    const code = { compile: () => dialect.compileText(content), at: locate(0), locate }
    return textOf(scope.#run(dialect, code, include))
  }

  #run(dialect: Dialect, code: Code, include?: Surroundings['include']): unknown {
    return evaluate(code, {
      readPath: (keys, mode, at) => this.#readPath(keys, mode, at, dialect),
      markUnrepeatable: () => this.#reads?.markUnrepeatable(),
      ...(include === undefined ? {} : { include }),
    })
  }

  #evaluateText(text: string, dialect: Dialect, placeOf: () => Position): unknown {
    if (!dialect.isTemplated(text)) return text
    const at = placeOf()
    return this.#run(dialect, {
      compile: () => dialect.compileText(text),
      at,
      locate: (offset) => within(at, offset),
    })
  }

  #layerOf(name: string): Layer | undefined {
    return this.#layers.findLast((layer) => layer.values.has(name))
  }

  #readPath(keys: readonly PropertyKey[], mode: ReadMode, at: () => Position, dialect?: Dialect): unknown {
    const name = String(keys[0])
    const unavailable = this.unavailable(name)
    if (unavailable !== undefined) {
      this.#reads?.markUnrepeatable()
      throw unavailable
    }
    const layer = this.#layerOf(name)
    this.#reads?.addValue(name, layer)
    if (layer === undefined) {
      if (mode === 1) return undefined
      const advice = dialect?.adviceFor({ type: 'undefined name', name })
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

  /** Returns the value of an expression, a secret or an unknown value, and any other value unchanged. */
  #settle(value: unknown, layer: Layer | undefined, path: Path): unknown {
    const dialect = layer?.dialect
    if (typeof value !== 'string') return this.#reveal(value, dialect)
    if (layer === undefined || dialect?.isTemplated(value) !== true) return value
    return this.#renderVariable(value, layer, dialect, path)
  }

  /** Returns the value of a secret. Throws NotKnown for an unknown value. */
  #reveal(value: unknown, dialect: Dialect | undefined): unknown {
    if (value instanceof UnknownValue) {
      this.#reads?.markUnrepeatable()
      throw new NotKnown('unknown', value.detail)
    }
    if (!(value instanceof SecretSource)) return value
    return this.secrets.resolve(value, (text) =>
      dialect === undefined ? text : textOf(this.#evaluateText(text, dialect, () => value.at)),
    )
  }

  #deep(value: unknown, layer: Layer | undefined, path: Path): unknown {
    return renderDeep(value, path, (leaf, inner) => this.#settle(leaf, layer, inner))
  }

  #renderVariable(text: string, layer: Layer, dialect: Dialect, path: Path): unknown {
    const key = path.join('\0')
    const known = this.#rendered.get(key)
    if (known !== undefined) {
      this.#reads?.addAll(known.reads)
      return this.#resolveDeep(known.value)
    }
    const name = describePath(path)
    const at = layer.at?.(String(path[0]), path.slice(1)) ?? { file: layer.origin, line: 1, column: 1 }
    const start = this.#rendering.indexOf(name)
    if (start !== -1) {
      const cycle = [...this.#rendering.slice(start), name].join(' → ')
      throw new ExpressionError(`circular reference: ${cycle}`, at)
    }
    this.#rendering.push(name)
    try {
      const rendered = this.recording(() => this.#evaluateText(text, dialect, () => at))
      this.#rendered.set(key, rendered)
      return this.#resolveDeep(rendered.value)
    } catch (error) {
      throw error instanceof ExpressionError ? error.within(name) : error
    } finally {
      this.#rendering.pop()
    }
  }

  #resolveDeep(value: unknown): unknown {
    return typeof value === 'object' && value !== null
      ? renderDeep(value, [], (leaf) => this.#settle(leaf, undefined, []))
      : value
  }
}

function isContainer(value: unknown): boolean {
  return Array.isArray(value) || isPlainObject(value)
}
