import type { Diagnostic, Position } from '../errors.ts'
import { placeInText } from '../text/place-in-text.ts'
import { within } from '../yaml/scalar-position.ts'
import type { Compiled } from './evaluation/compiled.ts'
import { projectDialect } from './dialects.ts'
import { SyntaxProblem } from './evaluation/syntax-problem.ts'
import type { TemplateSource } from './template-source.ts'

/** A variable that an expression or template cannot do without. */
export interface FreeName {
  readonly name: string
  /** With as much of the path as is written out: ['site', 'database', 'name']. */
  readonly path: readonly string[]
  readonly offset: number
  /** Place in the text, counted from 1. */
  readonly line: number
  readonly column: number
}

/** The variables of a bare expression. Throws SyntaxProblem. */
export function freeNamesOfExpression(expression: string): FreeName[] {
  return freeNames(projectDialect.compileExpression(expression), expression)
}

/** The variables of a text with tags, or of a whole template. Throws SyntaxProblem. */
export function freeNamesOfText(text: string): FreeName[] {
  return projectDialect.isTemplated(text) ? freeNames(projectDialect.compileText(text), text) : []
}

/** What is wrong in a bare expression that stands at this position. */
export function checkExpression(expression: string, at: Position): Diagnostic[] {
  return problems(
    () => projectDialect.compileExpression(expression),
    (offset) => within(at, offset),
  )
}

/** What is wrong in a text that stands at this position. */
export function checkText(text: string, at: Position): Diagnostic[] {
  if (!projectDialect.isTemplated(text)) return []
  return problems(
    () => projectDialect.compileText(text),
    (offset) => within(at, offset),
  )
}

/** What is wrong in a template file. */
export function checkTemplate({ path, content }: TemplateSource): Diagnostic[] {
  return problems(
    () => projectDialect.compileText(content),
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
