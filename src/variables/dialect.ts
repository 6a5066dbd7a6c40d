import type { Position } from '../errors.ts'
import type { Compiled } from './evaluation/compiled.ts'

/** The language of expressions and templates. */
export interface Dialect {
  /** The source of a regular expression that matches the strings that contain tags, for the JSON Schema of playbooks. */
  readonly templatedPattern: string
  /** Matches one tag: an expression or statement in a string, with its delimiters. */
  readonly tag: RegExp
  /** Returns whether a string contains tags. */
  isTemplated(text: string): boolean
  /** Returns the tag that prints the value of an expression. */
  print(expression: string): string
  /** Compiles a bare expression. Throws SyntaxProblem. */
  compileExpression(expression: string): Compiled
  /** Compiles a string with tags, or a whole template. One tag alone evaluates to its value. Throws SyntaxProblem. */
  compileText(text: string): Compiled
  /** Returns whether a condition holds that has this value. Throws ExpressionError if the value is not a condition. */
  asCondition(value: unknown, expression: string, at: Position): boolean
  /** Finds an expression of another language in a string, unless the string is marked as plain text. */
  foreignExpressionIn(text: string): ForeignExpression | undefined
  /** Returns a hint for a mistake that users of other tools make in this language. */
  adviceFor(mistake: Mistake): string | undefined
}

/** An expression that is not evaluated, because it is written in another language. */
export interface ForeignExpression {
  readonly offset: number
  readonly problem: string
  readonly hint: string
}

export type Mistake =
  | { readonly type: 'undefined name'; readonly name: string }
  /** One of Ansible's keywords for loops, such as with_dict. */
  | { readonly type: 'loop keyword'; readonly keyword: string }
  /** A YAML value that begins with a brace, without quotes. */
  | { readonly type: 'unquoted brace' }
