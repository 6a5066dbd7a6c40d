import type { Position } from '../../errors.ts'
import { didYouMean } from '../../text/did-you-mean.ts'
import {
  checkExpression,
  checkTemplate,
  checkText,
  freeNamesOfExpression,
  freeNamesOfText,
  type FreeName,
} from '../../variables/check.ts'
import { projectDialect } from '../../variables/dialects.ts'
import type { Layer } from '../../variables/layer.ts'
import { within } from '../../yaml/scalar-position.ts'
import type { Path } from '../../yaml/yaml-document.ts'
import type { Diagnostics } from '../document/diagnostics.ts'
import { hasTemplate, isMapping } from '../document/part.ts'
import type { Expression } from '../playbook.ts'
import type { VisibleNames } from './visible-names.ts'

/** Finds errors in expressions and templates without evaluating them: syntax errors and undefined names. */
export class ExpressionChecks {
  readonly #diagnostics: Diagnostics

  constructor(diagnostics: Diagnostics) {
    this.#diagnostics = diagnostics
  }

  expressions(expressions: readonly Expression[] | undefined, names: VisibleNames): void {
    for (const { text, at } of expressions ?? []) {
      const isSound = this.#report(checkExpression(text, at))
      if (isSound) this.#names(freeNamesOfExpression(text), ({ offset }) => within(at, offset), names)
    }
  }

  /** Yields every string in a value. */
  value(value: unknown, at: (path: Path) => Position, names: VisibleNames, path: Path = []): void {
    if (typeof value === 'string') {
      if (hasTemplate(value)) this.#text(value, at(path), names)
      else this.#foreign(value, at(path), names)
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) this.value(item, at, names, [...path, index])
    } else if (isMapping(value)) {
      for (const [key, item] of Object.entries(value)) this.value(item, at, names, [...path, key])
    }
  }

  layer(layer: Layer, names: VisibleNames): void {
    if (layer.literal === true) return
    for (const [name, value] of layer.values) {
      const at = (path: Path): Position =>
        layer.at?.(name, path) ?? { file: layer.origin, line: 1, column: 1 }
      this.value(value, at, names)
    }
  }

  template(path: string, content: string, names: VisibleNames): void {
    if (!this.#report(checkTemplate({ path, content }))) return
    this.#names(freeNamesOfText(content), ({ line, column }) => ({ file: path, line, column }), names)
  }

  #text(text: string, at: Position, names: VisibleNames): void {
    if (!this.#report(checkText(text, at))) return
    this.#names(freeNamesOfText(text), ({ offset }) => within(at, offset), names)
  }

  /** Reports an expression of another language that reads a variable. Other matches are text for another program. */
  #foreign(text: string, at: Position, names: VisibleNames): void {
    const found = projectDialect.foreignExpressionIn(text)
    if (found !== undefined && [...names].includes(found.name))
      this.#diagnostics.add(at, found.problem, found.hint)
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
