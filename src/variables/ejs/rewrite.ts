import type {
  AnyNode,
  BinaryExpression,
  CallExpression,
  Function as FunctionNode,
  Identifier,
  MemberExpression,
} from 'acorn'
import { base, recursive, type RecursiveVisitors } from 'acorn-walk'

import type { Read } from '../evaluation/compiled.ts'
import { isCheckedOperator } from '../evaluation/operate.ts'
import { SyntaxProblem } from '../evaluation/syntax-problem.ts'
import { declaredNames } from './declared-names.ts'
import { builtIns } from './javascript-globals.ts'
import { linksOf, writtenKey } from './member-chain.ts'
import { optionalReads } from './optional-reads.ts'
import type { Program } from './parse.ts'
import type { Edit } from './text-edits.ts'
import { tickEdits } from './time-limit.ts'

export interface Rewritten {
  readonly edits: readonly Edit[]
  readonly reads: readonly Read[]
}

interface Context {
  readonly locals: readonly ReadonlySet<string>[]
  /** Returns whether the node is in the first argument of fallback(). */
  readonly guarded: boolean
}

type Visit = (node: AnyNode, context: Context) => void

const own: ReadonlySet<string> = new Set(['fallback', 'include'])

/**
 * Replaces every read of a variable or property by a call of the frame `$` (frame.ts), which renders and checks it,
 * so that the evaluation needs neither `with` nor proxies. Throws SyntaxProblem for code that is not allowed.
 */
export function rewrite(program: Program, text: string): Rewritten {
  return new Rewriter(program, text).run()
}

class Rewriter {
  readonly #edits: Edit[] = []
  readonly #reads: Read[] = []
  readonly #program: Program
  readonly #text: string
  readonly #optionalReads: ReadonlySet<AnyNode>

  constructor(program: Program, text: string) {
    this.#program = program
    this.#text = text
    this.#optionalReads = optionalReads(program.root)
  }

  run(): Rewritten {
    recursive<Context>(this.#program.root, { locals: [], guarded: false }, this.#visitors())
    const { opening, closing } = tickEdits(this.#program)
    return { edits: [...opening, ...this.#edits, ...closing], reads: this.#reads }
  }

  #visitors(): RecursiveVisitors<Context> & Record<'VariablePattern' | 'MemberPattern', unknown> {
    const scope = (node: FunctionNode, context: Context, visit: Visit): void => {
      this.#function(node, context, visit)
    }
    return {
      Identifier: (node, context) => {
        this.#identifier(node, context, '')
      },
      Property: (node, context, visit) => {
        if (node.computed) visit(node.key, context)
        if (node.shorthand && node.value.type === 'Identifier')
          this.#identifier(node.value, context, `${node.value.name}: `)
        else visit(node.value, context)
      },
      MemberExpression: (node, context, visit) => {
        this.#member(node, context, visit)
      },
      BinaryExpression: (node, context, visit) => {
        this.#binary(node, context, visit)
      },
      CallExpression: (node, context, visit) => {
        this.#call(node, context, visit)
      },
      UpdateExpression: (node, context, visit) => {
        this.#target(node.argument, context, visit)
      },
      UnaryExpression: (node, context, visit) => {
        if (node.operator === 'delete') this.#target(node.argument, context, visit)
        else visit(node.argument, context)
      },
      ObjectPattern: (node, context, visit) => {
        for (const property of node.properties) {
          if (property.type === 'Property' && !property.computed) this.#required(property.value)
        }
        base.ObjectPattern?.(node, context, visit)
      },
      VariablePattern: (node: Identifier, context: Context) => {
        this.#target(node, context, () => undefined)
      },
      MemberPattern: (node: MemberExpression, context: Context, visit: Visit) => {
        this.#target(node, context, visit)
      },
      FunctionDeclaration: scope,
      FunctionExpression: scope,
      ArrowFunctionExpression: scope,
      ImportExpression: (node) => {
        throw this.#problem(node, 'import() is not allowed here')
      },
      MetaProperty: (node) => {
        throw this.#problem(node, 'is not allowed here')
      },
      ThisExpression: (node) => {
        throw this.#problem(node, "'this' is not allowed here")
      },
    }
  }

  #function(node: FunctionNode, context: Context, visit: Visit): void {
    const inner = { ...context, locals: [...context.locals, declaredNames(node)] }
    const visitPattern = base.Pattern as (node: AnyNode, context: Context, visit: Visit) => void
    for (const parameter of node.params) visitPattern(parameter, inner, visit)
    visit(node.body, inner)
  }

  #identifier(node: Identifier, context: Context, prefix: string): void {
    if (this.#isLocal(node.name, context) || builtIns.has(node.name)) return
    const offset = this.#program.offsetOf(node.start)
    if (offset === undefined) return
    if (own.has(node.name)) {
      this.#replace(node.start, node.end, `${prefix}$.${node.name}`)
      return
    }
    const isOptional = this.#optionalReads.has(node)
    this.#reads.push({ path: [node.name], offset, optional: isOptional || context.guarded })
    this.#replace(node.start, node.end, `${prefix}$.read(["${node.name}"],${isOptional ? 1 : 0},${offset})`)
  }

  #member(node: MemberExpression, context: Context, visit: Visit): void {
    const links = linksOf(node)
    const root = links[0]?.object
    if (root?.type === 'Identifier' && !this.#isLocal(root.name, context)) {
      if (!builtIns.has(root.name) && !own.has(root.name)) {
        this.#path(root, links, context, visit)
        return
      }
      this.#native(node, context, visit)
      return
    }
    if (node.property.type === 'PrivateIdentifier' || node.object.type === 'Super') {
      this.#native(node, context, visit)
      return
    }
    this.#replace(node.start, node.start, '$.get(')
    visit(node.object, context)
    const mode = this.#optionalReads.has(node) || node.optional ? 1 : 0
    const offset = this.#program.offsetOf(node.property.start) ?? 0
    const tail = `,${JSON.stringify(this.#source(node.object))},${mode},${offset})`
    this.#link(node, context, visit, tail)
  }

  /** Reads the whole path of `a.b[c].d` at once, so that only this part of the variable is rendered. */
  #path(root: Identifier, links: readonly MemberExpression[], context: Context, visit: Visit): void {
    const last = links.at(-1)
    const offset = this.#program.offsetOf(root.start)
    if (last === undefined || offset === undefined) return
    const isOptional = this.#optionalReads.has(last)
    const optional = links.flatMap((link, index) => (link.optional ? [index + 1] : []))
    const mode = isOptional ? '1' : optional.length === 0 ? '0' : JSON.stringify(optional)
    const path = [root.name, ...links.map(writtenKey)]
    const known = path.findIndex((key) => key === undefined)
    const firstOptional = optional[0] ?? path.length
    this.#reads.push({
      path: path.slice(0, Math.min(known === -1 ? path.length : known, firstOptional)) as string[],
      offset,
      optional: isOptional || context.guarded,
    })
    this.#replace(root.start, root.end, `$.read(["${root.name}"`)
    for (const link of links) this.#link(link, context, visit, link === last ? `],${mode},${offset})` : '')
  }

  /** Turns `.name` or `[key]` into an argument of the read. */
  #link(link: MemberExpression, context: Context, visit: Visit, tail: string): void {
    if (!link.computed) {
      const name = link.property.type === 'Identifier' ? link.property.name : ''
      this.#replace(link.object.end, link.end, `,${JSON.stringify(name)}${tail}`)
      return
    }
    this.#replace(link.object.end, link.property.start, ',(')
    visit(link.property, context)
    this.#replace(link.property.end, link.end, `)${tail}`)
  }

  /** Replaces an operator whose result for lists and mappings surprises users by a call that rejects these operands. */
  #binary({ operator, left, right, end }: BinaryExpression, context: Context, visit: Visit): void {
    const place = this.#program.offsetOf(left.end)
    if (!isCheckedOperator(operator) || place === undefined) {
      visit(left, context)
      visit(right, context)
      return
    }
    this.#replace(left.start, left.start, '$.operate((')
    visit(left, context)
    this.#replace(left.end, right.start, '),(')
    visit(right, context)
    const offset = this.#text.indexOf(operator, place)
    this.#replace(end, end, `),${JSON.stringify(operator)},${offset})`)
  }

  /** Leaves the call of a method to JavaScript, and reads the object. */
  #call(node: CallExpression, context: Context, visit: Visit): void {
    const { callee } = node
    if (callee.type === 'MemberExpression') {
      this.#native(callee, context, visit)
      if (!callee.optional && linksOf(callee).some((link) => link.optional)) {
        const bracket = callee.computed ? '?.[' : '?.'
        this.#replace(callee.object.end, callee.property.start, bracket)
      }
    } else if (
      callee.type === 'Identifier' &&
      callee.name === 'fallback' &&
      !this.#isLocal('fallback', context)
    ) {
      visit(callee, context)
      const [guarded, ...others] = node.arguments
      if (guarded !== undefined) visit(guarded, { ...context, guarded: true })
      for (const other of others) visit(other, context)
      return
    } else visit(callee, context)
    for (const argument of node.arguments) visit(argument, context)
  }

  #native(node: MemberExpression, context: Context, visit: Visit): void {
    visit(node.object, context)
    if (node.computed) visit(node.property, context)
  }

  /** Allows assignments only to names that the expression declares. */
  #target(node: AnyNode, context: Context, visit: Visit): void {
    if (node.type === 'ParenthesizedExpression') {
      this.#target(node.expression, context, visit)
    } else if (node.type === 'MemberExpression') {
      this.#target(node.object, context, visit)
      if (node.computed) visit(node.property, context)
    } else if (node.type !== 'Identifier') {
      visit(node, context)
    } else if (!this.#isLocal(node.name, context)) {
      throw this.#problem(node, `'${node.name}' cannot be assigned to`, "write '===' to compare")
    }
  }

  /** Makes a destructured property without a default required. */
  #required(value: AnyNode): void {
    if (value.type === 'AssignmentPattern') return
    const offset = this.#program.offsetOf(value.start) ?? 0
    const name = JSON.stringify(this.#source(value))
    this.#replace(value.end, value.end, ` = $.missing(${name},${offset})`)
  }

  #isLocal(name: string, context: Context): boolean {
    return context.locals.some((names) => names.has(name))
  }

  #source(node: AnyNode): string {
    const start = this.#program.offsetOf(node.start) ?? 0
    return this.#text.slice(start, start + node.end - node.start)
  }

  #replace(start: number, end: number, text: string): void {
    const offset = this.#program.offsetOf(start)
    if (offset === undefined) return
    this.#edits.push({ start: offset, end: offset + end - start, text })
  }

  #problem(node: AnyNode, message: string, hint?: string): SyntaxProblem {
    return new SyntaxProblem(message, this.#program.offsetOf(node.start) ?? 0, hint)
  }
}
