import type { Diagnostic, Position } from '../errors.ts'
import { placeInText } from '../text/place-in-text.ts'
import { within } from '../yaml/scalar-position.ts'
import type { Dialect } from './dialect.ts'
import type { Compiled } from './evaluation/compiled.ts'
import { SyntaxProblem } from './evaluation/syntax-problem.ts'
import type { TemplateSource } from './template-source.ts'
import type { Expression } from './templated.ts'

/** A variable that an expression or template requires. */
export interface FreeName {
  readonly name: string
  /** The name, and the keys after it as far as they are literal: ['site', 'database', 'name']. */
  readonly path: readonly string[]
  readonly offset: number
  /** The place in the text, counted from 1. */
  readonly line: number
  readonly column: number
}

/** Returns the variables of a bare expression. Throws SyntaxProblem. */
export function freeNamesOfExpression({ text, dialect }: Omit<Expression, 'at'>): FreeName[] {
  return freeNames(dialect.compileExpression(text), text)
}

/** Returns the variables of a bare expression that may be undefined; none if the expression is invalid. */
export function optionalNamesOfExpression({ text, dialect }: Omit<Expression, 'at'>): string[] {
  try {
    const { reads } = dialect.compileExpression(text)
    return reads.flatMap(({ path, optional }) => (optional && path.length === 1 ? path : []))
  } catch (error) {
    if (error instanceof SyntaxProblem) return []
    throw error
  }
}

/** Returns the variables of a string that may contain tags, or of a template. Throws SyntaxProblem. */
export function freeNamesOfText(text: string, dialect: Dialect): FreeName[] {
  return dialect.isTemplated(text) ? freeNames(dialect.compileText(text), text) : []
}

/** Returns the syntax error of a bare expression. */
export function checkExpression({ text, dialect, at }: Expression): Diagnostic[] {
  return problems(
    () => dialect.compileExpression(text),
    (offset) => within(at, offset),
  )
}

/** Returns the syntax error of a string that may contain tags. */
export function checkText(text: string, dialect: Dialect, at: Position): Diagnostic[] {
  if (!dialect.isTemplated(text)) return []
  return problems(
    () => dialect.compileText(text),
    (offset) => within(at, offset),
  )
}

/** Returns the syntax error of a template file. */
export function checkTemplate({ path, content, dialect }: TemplateSource): Diagnostic[] {
  return problems(
    () => dialect.compileText(content),
    (offset) => ({ file: path, ...placeInText(content, offset) }),
  )
}

function problems(compile: () => Compiled, locate: (offset: number) => Position): Diagnostic[] {
  try {
    compile()
    return []
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error
    const { message, offset, hint } = error
    return [{ at: locate(offset), message, ...(hint === undefined ? {} : { hint }) }]
  }
}

function freeNames(compiled: Compiled, text: string): FreeName[] {
  const guarded = new Set(
    compiled.reads.flatMap(({ optional, path }) => (optional && path.length === 1 ? path : [])),
  )
  return compiled.reads.flatMap(({ path, offset, optional }) => {
    const [name] = path
    if (name === undefined || optional || guarded.has(name)) return []
    return [{ name, path, offset, ...placeInText(text, offset) }]
  })
}
