import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node as Parsed,
  parseDocument,
  type Scalar,
  visit,
  type YAMLError,
} from 'yaml'

import { type Diagnostic, InvalidInputError } from '../errors.ts'
import { Lines } from './lines.ts'
import type { YamlNode } from './node.ts'
import type { ScalarStyle } from './scalar-position.ts'

/** Parses YAML text; the file is named in errors. Throws InvalidInputError with all errors of syntax. */
export function parsedNodes(text: string, file: string): YamlNode | null {
  const document = parseDocument(text, {
    // Every scalar is read as a string: scalar.ts determines its value.
    schema: 'failsafe',
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'error',
  })
  const lines = new Lines(text)
  if (document.errors.length === 0)
    return nodeOf(document.contents, (offset) => {
      throw new InvalidInputError([{ at: { file, ...lines.placeOf(offset) }, ...tooDeep }])
    })
  const all = document.errors.map((error) => ({
    at: { file, ...lines.placeOf(startOf(error, document)) },
    ...describe(error),
  }))
  // After an exhausted call stack, the parser reports that every enclosing block is exhausted too.
  const deep = all.find(({ message }) => message === tooDeep.message)
  throw new InvalidInputError(deep === undefined ? all : [deep])
}

const styles: Record<string, ScalarStyle> = {
  PLAIN: 'plain',
  QUOTE_SINGLE: 'single-quoted',
  QUOTE_DOUBLE: 'double-quoted',
  BLOCK_LITERAL: 'literal',
  BLOCK_FOLDED: 'folded',
}

/** The maximum number of lists and mappings around a value, so that no later stage exhausts the call stack. */
const depthLimit = 200

const tooDeep = {
  message: `nested too deeply: more than ${depthLimit} lists and mappings`,
  hint: 'move a part into a file of its own, for example with include_tasks',
}

/** @param refuse is called with the offset of a node that is nested too deeply */
function nodeOf(parsed: Parsed | null, refuse: (offset: number) => never, depth = 0): YamlNode | null {
  if (parsed === null) return null
  const [start, end] = parsed.range ?? [0, 0]
  if (depth > depthLimit) refuse(start)
  const inner = (child: Parsed | null): YamlNode | null => nodeOf(child, refuse, depth + 1)
  if (isAlias(parsed)) return { type: 'alias', start, end, source: parsed.source }
  if (isScalar(parsed)) {
    const { value, type = 'PLAIN', tag, anchor } = parsed as Scalar<string>
    return { type: 'scalar', start, end, style: styles[type] ?? 'plain', text: value, tag, anchor }
  }
  if (isMap<Parsed | null, Parsed | null>(parsed)) {
    const { items, tag, anchor } = parsed
    const entries = items.filter(isPair).map(({ key, value }) => ({ key: inner(key), value: inner(value) }))
    return { type: 'map', start, end, entries, tag, anchor }
  }
  if (!isSeq<Parsed | null>(parsed)) throw new TypeError('the parser returned an unknown node')
  const { items, tag, anchor } = parsed
  return { type: 'list', start, end, items: items.map(inner), tag, anchor }
}

/** Messages of the YAML parser, rewritten for authors of playbooks. */
const explanations: Partial<Record<YAMLError['code'], { message: string; hint?: string }>> = {
  MULTIPLE_DOCS: { message: 'a file can contain only one document', hint: "remove the '---'" },
  TAB_AS_INDENT: { message: 'tab in the indentation', hint: 'indent with spaces' },
  BLOCK_AS_IMPLICIT_KEY: {
    message: "a second ': ' on this line makes another mapping",
    hint: 'put the whole value in quotes',
  },
}

/** Returns the offset of an error; for an unclosed quote its start, while the parser reports the end of the file. */
function startOf(error: YAMLError, document: Document.Parsed): number {
  const [offset] = error.pos
  if (error.code !== 'MISSING_CHAR' || !/closing ["']quote/.test(error.message)) return offset
  let opened = offset
  visit(document, {
    Scalar(_key, { range, type }) {
      if (type?.startsWith('QUOTE') === true && range?.[1] === offset) opened = range[0]
    },
  })
  return opened
}

/** Removes quotes of the file from a message, which may contain a secret. The excerpt shows the rest of the line. */
function withoutSource(message: string): string {
  return message.replace(/(token in YAML stream|extra characters): .*/s, '$1')
}

function describe(error: YAMLError): Omit<Diagnostic, 'at'> {
  if (/^maximum call stack/i.test(error.message)) return tooDeep
  const message = withoutSource(error.message).replace(/^\w/, (first) => first.toLowerCase())
  return explanations[error.code] ?? { message }
}
