import { type AnyNode, parse, parseExpressionAt } from 'acorn'

import { SyntaxProblem } from './syntax-problem.ts'
import { codeTags } from './template-tags.ts'

/** An expression or template as JavaScript, whose every place is a place of the text. */
export interface Program {
  readonly root: AnyNode
  /** The offset in the text of a place of the program; undefined for what stands there in its name only. */
  offsetOf(place: number): number | undefined
}

const options = { ecmaVersion: 2023, preserveParens: true } as const
const trailing = /^(?:\s|;|\/\/.*|\/\*[^]*?\*\/)*$/

/** A bare expression. @param shift where it begins in the text around it */
export function parseExpression(code: string, shift = 0): Program {
  const root = attempt(
    () => parseExpressionAt(code, 0, { ...options, sourceType: 'module', allowAwaitOutsideFunction: false }),
    (place) => place + shift,
  )
  const rest = code.slice(root.end)
  if (!trailing.test(rest)) {
    const word = /\S+/.exec(rest)
    throw new SyntaxProblem(
      `unexpected '${word?.[0] ?? rest}'`,
      shift + root.end + (word?.index ?? 0),
      adviceFor(rest),
    )
  }
  return { root: root, offsetOf: (place) => place + shift }
}

/** A text with tags. */
export function parseTemplate(text: string): Program {
  const head = '(function () {"use strict"\n'
  const chunks: { place: number; offset: number; length: number }[] = []
  let code = head
  for (const tag of codeTags(text)) {
    code += tag.prints ? ';print(' : ';'
    chunks.push({ place: code.length, offset: tag.codeStart, length: tag.code.length })
    code += tag.prints ? `${tag.code}\n)` : `${tag.code}\n`
  }
  code += '})'
  const nearest = (place: number): number => {
    const chunk = chunks.findLast((one) => one.place <= place) ?? chunks[0]
    if (chunk === undefined) return 0
    return chunk.offset + Math.min(Math.max(place - chunk.place, 0), chunk.length)
  }
  const root = attempt(() => parse(code, { ...options, sourceType: 'script' }), nearest)
  return {
    root,
    offsetOf: (place) => {
      const chunk = chunks.find((one) => place >= one.place && place <= one.place + one.length)
      return chunk === undefined ? undefined : chunk.offset + place - chunk.place
    },
  }
}

function attempt<Node>(read: () => Node, offsetOf: (place: number) => number): Node {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof SyntaxError) || !('pos' in error)) throw error
    const message = error.message.replace(/ \(\d+:\d+\)$/, '').replace(/^\w/, (first) => first.toLowerCase())
    throw new SyntaxProblem(message, offsetOf(Number(error.pos)))
  }
}

/** For those who come from Jinja. */
const advice: readonly [RegExp, string][] = [
  [/^\s*and\b/, "write '&&' for 'and'"],
  [/^\s*or\b/, "write '||' for 'or'"],
  [/^\s*is\s+(not\s+)?defined\b/, "write 'typeof x !== \"undefined\"' for 'x is defined'"],
  [/^\s*is\b/, "write '===' and the like for 'is'"],
  [/^\s*not\s+in\b/, "write '!list.includes(x)' for 'x not in list'"],
  [/^\s*if\b/, "write 'condition ? a : b' for 'a if condition else b'"],
  [/^\s*=[^=]/, "write '===' to compare"],
]

function adviceFor(rest: string): string | undefined {
  return advice.find(([pattern]) => pattern.test(rest))?.[1]
}
