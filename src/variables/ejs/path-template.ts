import type { Compiled } from '../evaluation/compiled.ts'
import { textOf } from '../evaluation/text-of.ts'
import { builtIns } from './javascript-globals.ts'

/** The words that cannot be names of variables, or only in some places. */
const reserved: ReadonlySet<string> = new Set(
  (
    'arguments async await break case catch class const continue debugger default delete do else enum eval export ' +
    'extends false finally for function if implements import in instanceof interface let new null of package private ' +
    'protected public return static super switch this throw true try typeof var void while with yield fallback include'
  ).split(' '),
)

const path = String.raw`[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*`
const onlyPath = new RegExp(`^(\\s*)(${path})\\s*$`)
const printedPath = new RegExp(`<%=(\\s*)(${path})\\s*%>`, 'g')

/** A tag that prints a variable, or a property with a literal path. */
interface Printed {
  readonly keys: readonly string[]
  /** The offset of the name in the text. */
  readonly offset: number
  /** The offset of the tag's code in the text. */
  readonly codeStart: number
}

/**
 * Compiles an expression that is only the name of a variable or the path of a property. Most are, and they need no
 * parser. Returns undefined for any other expression.
 */
export function compilePath(code: string, shift: number): Compiled | undefined {
  const [, blank = '', written] = onlyPath.exec(code) ?? []
  const keys = keysOf(written)
  if (keys === undefined) return undefined
  const offset = shift + blank.length
  return {
    reads: [{ path: keys, offset, optional: false }],
    isRepeatable: true,
    evaluate: (frame) => frame.read(keys, 0, offset),
  }
}

/** Compiles a string whose tags only print paths. Returns undefined for any other string. */
export function compilePathText(text: string): Compiled | undefined {
  const parts: (string | Printed)[] = []
  let end = 0
  for (const { 0: tag, 1: blank = '', 2: written, index } of text.matchAll(printedPath)) {
    const keys = keysOf(written)
    if (keys === undefined) return undefined
    const codeStart = index + '<%='.length
    parts.push(text.slice(end, index), { keys, offset: codeStart + blank.length, codeStart })
    end = index + tag.length
  }
  parts.push(text.slice(end))
  if (parts.some((part) => typeof part === 'string' && /<%|%>/.test(part))) return undefined
  return {
    reads: parts.flatMap((part) =>
      typeof part === 'string' ? [] : [{ path: part.keys, offset: part.offset, optional: false }],
    ),
    isRepeatable: true,
    evaluate: (frame) => {
      let output = ''
      for (const part of parts) {
        if (typeof part === 'string') {
          output += part
        } else {
          frame.here = part.codeStart
          output += textOf(frame.read(part.keys, 0, part.offset))
        }
      }
      return output
    },
  }
}

function keysOf(written: string | undefined): readonly string[] | undefined {
  const keys = written?.split('.')
  const [name = ''] = keys ?? []
  return reserved.has(name) || builtIns.has(name) ? undefined : keys
}
