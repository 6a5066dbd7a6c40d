import type { Program as Tree } from 'acorn'
import { full } from 'acorn-walk'
import ejs from 'ejs'

import { remembered } from '../../remembered.ts'
import type { Compiled, Read } from '../evaluation/compiled.ts'
import { EndlessCode } from '../evaluation/endless-code.ts'
import { textOf } from '../evaluation/text-of.ts'
import { parseExpression, parseTemplate, type Program } from './parse.ts'
import { compilePath, compilePathText } from './path-template.ts'
import { rewrite, type Rewritten } from './rewrite.ts'
import { codeTags, onlyPrintTag } from './template-tags.ts'
import { applyEdits, type Edit } from './text-edits.ts'

type Evaluate = Compiled['evaluate']

const expressions = new Map<string, Compiled>()
const texts = new Map<string, Compiled>()

/** Compiles a bare expression. Throws SyntaxProblem. */
export function compileExpression(text: string): Compiled {
  return once(expressions, text, () => compilePath(text, 0) ?? expression(text, 0))
}

/** Compiles a string with tags, or a template. A single `<%= … %>` evaluates to its value. Throws SyntaxProblem. */
export function compileText(text: string): Compiled {
  return once(texts, text, () => {
    const only = onlyPrintTag(text)
    if (only === undefined) return compilePathText(text) ?? template(text)
    return compilePath(only.code, only.codeStart) ?? expression(only.code, only.codeStart)
  })
}

function once(cache: Map<string, Compiled>, text: string, compile: () => Compiled): Compiled {
  const known = cache.get(text)
  if (known !== undefined) return known
  const compiled = compile()
  cache.set(text, compiled)
  return compiled
}

function expression(code: string, shift: number): Compiled {
  const { edits, reads } = remembered({
    ...{ name: 'EJS expression', input: `${shift} ${code}` },
    compute: () => rewrittenExpression(code, shift),
    mayBeKept: (result) => hasNoLiterals(result) && !namesKey.test(code),
  })
  const make = (): Evaluate =>
    // The author of the playbook is trusted to run code on the controller.
    // eslint-disable-next-line @typescript-eslint/no-implied-eval
    new Function('$', `"use strict"; return (${applyEdits(code, edits)}\n)`) as Evaluate
  return compileLazily([code], reads, make)
}

function rewrittenExpression(code: string, shift: number): Rewritten {
  const program = parseExpression(code, shift)
  const { edits, reads } = rewrite(program, ' '.repeat(shift) + code)
  const moved = edits.map((edit) => ({ ...edit, start: edit.start - shift, end: edit.end - shift }))
  return { edits: [...moved, { start: program.root.end, end: code.length, text: '' }], reads }
}

/** Matches a key in quotes, which becomes a part of the path that is read. */
const namesKey = /\[\s*['"`]/

/** Returns whether the result contains no literal of the playbook, which could be a secret. */
function hasNoLiterals({ edits }: Rewritten): boolean {
  return !edits.some(({ text }) => /['`\\/]/.test(text))
}

const options = {
  _with: false,
  strict: true,
  localsName: '$',
  unsafePrototypeLocals: true,
  compileDebug: false,
  escape: textOf,
}

function template(text: string): Compiled {
  const { edits, reads } = remembered({
    ...{ name: 'EJS template', input: text },
    compute: () => rewrittenTemplate(text),
    mayBeKept: (result) => hasNoLiterals(result) && !namesKey.test(text),
  })
  const pieces = codeTags(text).map((tag) => tag.code)
  return compileLazily(pieces, reads, () => ejs.compile(applyEdits(text, edits), options))
}

function rewrittenTemplate(text: string): Rewritten {
  const program = parseTemplate(text)
  const { edits, reads } = rewrite(program, text)
  return { edits: [...placeMarks(program, text), ...edits], reads }
}

/** Matches globals that return random values, the time or the locale. Other members of Math are repeatable. */
const chanceOrTime = /\b(?:Date|Intl|Math(?!\.(?!random\b)\w))\b/

/** Delays `make` until the first evaluation: most code is only checked, such as that of handlers and skipped tasks. */
function compileLazily(code: readonly string[], reads: readonly Read[], make: () => Evaluate): Compiled {
  let evaluate: Evaluate | undefined
  let endless: EndlessCode | undefined
  return {
    reads,
    isRepeatable: !code.some((piece) => chanceOrTime.test(piece)),
    evaluate: (frame) => {
      // It would take as long again for every host and task.
      if (endless !== undefined) throw endless
      evaluate ??= make()
      try {
        return evaluate(frame)
      } catch (error) {
        if (error instanceof EndlessCode) endless = error
        throw withoutFrame(error)
      }
    },
  }
}

/** Removes the call of the frame from a message such as "$.read(...).trim is not a function". */
function withoutFrame(error: unknown): unknown {
  if (error instanceof Error) error.message = error.message.replace(/^\$\.\w+\(\.\.\.\)\??\.?/, '')
  return error
}

/** Inserts the offset before each statement and printed value, for the position of errors that JavaScript throws. */
function placeMarks(program: Program, text: string): Edit[] {
  const marks: Edit[] = []
  const insert = (offset: number, mark: string): void => {
    marks.push({ start: offset, end: offset, text: mark })
  }
  full(program.root as Tree, (node) => {
    if (node.type !== 'BlockStatement') return
    for (const { start } of node.body) {
      const offset = program.offsetOf(start)
      if (offset !== undefined) insert(offset, `$.here=${offset};`)
    }
  })
  for (const tag of codeTags(text)) {
    if (!tag.prints) continue
    insert(tag.codeStart, `($.here=${tag.codeStart},(`)
    insert(tag.codeStart + tag.code.length, '\n))')
  }
  return marks
}
