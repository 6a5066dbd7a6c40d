import { type AnyNode, parse, parseExpressionAt } from 'acorn'

import { syntaxAdvice } from './advice.ts'
import { SyntaxProblem } from '../evaluation/syntax-problem.ts'
import { codeTags } from './template-tags.ts'

/** An expression or template, parsed as JavaScript. */
export interface Program {
  readonly root: AnyNode
  /** Returns the offset in the text for a place in the program; undefined for code that is not in the text. */
  offsetOf(place: number): number | undefined
}

const options = { ecmaVersion: 2023, preserveParens: true } as const
const trailing = /^(?:\s|;|\/\/.*|\/\*[^]*?\*\/)*$/

/** Parses a bare expression. @param shift its offset in the text that contains it */
export function parseExpression(code: string, shift = 0): Program {
  if (code.trim() === '') throw new SyntaxProblem('missing expression', shift)
  const root = attempt(
    () => parseExpressionAt(code, 0, { ...options, sourceType: 'module', allowAwaitOutsideFunction: false }),
    (place) => place + shift,
    code,
  )
  const rest = code.slice(root.end)
  if (!trailing.test(rest)) {
    const word = /\S+/.exec(rest)
    throw new SyntaxProblem(
      `unexpected '${word?.[0] ?? rest}'`,
      shift + root.end + (word?.index ?? 0),
      syntaxAdvice(code, root.end),
    )
  }
  return { root: root, offsetOf: (place) => place + shift }
}

/** Parses a string with tags. */
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
    const chunk = chunks.findLast((one) => one.place <= place)
    if (chunk === undefined) return 0
    return chunk.offset + Math.min(Math.max(place - chunk.place, 0), chunk.length)
  }
  const root = attempt(() => parse(code, { ...options, sourceType: 'script' }), nearest, code)
  return {
    root,
    offsetOf: (place) => {
      const chunk = chunks.find((one) => place >= one.place && place <= one.place + one.length)
      return chunk === undefined ? undefined : chunk.offset + place - chunk.place
    },
  }
}

function attempt<Node>(read: () => Node, offsetOf: (place: number) => number, code: string): Node {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof SyntaxError) || !('pos' in error)) throw error
    const message = error.message.replace(/ \(\d+:\d+\)$/, '').replace(/^\w/, (first) => first.toLowerCase())
    const place = Number(error.pos)
    throw new SyntaxProblem(message, offsetOf(place), syntaxAdvice(code, place))
  }
}
