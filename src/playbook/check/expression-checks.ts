import type { Position } from '../../errors.ts'
import { didYouMean } from '../../text/did-you-mean.ts'
import { placeInText } from '../../text/place-in-text.ts'
import {
  checkExpression,
  checkTemplate,
  checkText,
  freeNamesOfExpression,
  freeNamesOfText,
  type FreeName,
} from '../../variables/check.ts'
import type { Dialect } from '../../variables/dialect.ts'
import type { Layer } from '../../variables/layer.ts'
import type { TemplateSource } from '../../variables/template-source.ts'
import type { Expression, Templated } from '../../variables/templated.ts'
import { within } from '../../yaml/scalar-position.ts'
import type { Path } from '../../yaml/yaml-document.ts'
import type { Diagnostics } from '../document/diagnostics.ts'
import { isMapping } from '../document/part.ts'
import type { VisibleNames } from './visible-names.ts'

/** Finds errors in expressions and templates without evaluating them: syntax errors and undefined names. */
export class ExpressionChecks {
  readonly #diagnostics: Diagnostics

  constructor(diagnostics: Diagnostics) {
    this.#diagnostics = diagnostics
  }

  expressions(expressions: readonly Expression[] | undefined, names: VisibleNames): void {
    for (const expression of expressions ?? []) {
      if (!this.#report(checkExpression(expression))) continue
      const free = freeNamesOfExpression(expression)
      this.#names(free, ({ offset }) => within(expression.at, offset), names)
    }
  }

  /** Checks every string in a value. */
  value(templated: Templated, names: VisibleNames): void {
    this.#part(templated.value, [], templated, names)
  }

  layer(layer: Layer, names: VisibleNames): void {
    const { dialect } = layer
    if (dialect === undefined) return
    for (const [name, value] of layer.values) {
      const at = (path: Path): Position =>
        layer.at?.(name, path) ?? { file: layer.origin, line: 1, column: 1 }
      this.value({ value, dialect, at }, names)
    }
  }

  template(source: TemplateSource, names: VisibleNames): void {
    if (!this.#report(checkTemplate(source))) return
    const { path, content, dialect } = source
    this.#foreign(content, dialect, (offset) => ({ file: path, ...placeInText(content, offset) }))
    this.#names(
      freeNamesOfText(content, dialect),
      ({ line, column }) => ({ file: path, line, column }),
      names,
    )
  }

  #part(value: unknown, path: Path, templated: Templated, names: VisibleNames): void {
    if (typeof value === 'string') {
      const { dialect } = templated
      this.#foreign(value, dialect, (offset) => within(templated.at(path), offset))
      if (dialect.isTemplated(value)) this.#text(value, dialect, templated.at(path), names)
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) this.#part(item, [...path, index], templated, names)
    } else if (isMapping(value)) {
      for (const [key, item] of Object.entries(value)) this.#part(item, [...path, key], templated, names)
    }
  }

  #text(text: string, dialect: Dialect, at: Position, names: VisibleNames): void {
    if (!this.#report(checkText(text, dialect, at))) return
    this.#names(freeNamesOfText(text, dialect), ({ offset }) => within(at, offset), names)
  }

  #foreign(text: string, dialect: Dialect, placeOf: (offset: number) => Position): void {
    const found = dialect.foreignExpressionIn(text)
    if (found !== undefined) this.#diagnostics.add(placeOf(found.offset), found.problem, found.hint)
  }

  #report(found: ReturnType<typeof checkText>): boolean {
    for (const { at, message, hint } of found) this.#diagnostics.add(at, message, hint)
    return found.length === 0
  }

  #names(free: readonly FreeName[], placeOf: (name: FreeName) => Position, names: VisibleNames): void {
    for (const one of free.filter(({ name }) => !names.has(name)))
      this.#diagnostics.add(placeOf(one), `'${one.name}' is not defined`, didYouMean(one.name, names))
  }
}
