import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Document, isScalar, LineCounter, type Node, parseDocument, visit, type YAMLError } from 'yaml'

import {
  type Diagnostic,
  ExitCode,
  InvalidInputError,
  NothingMatchedError,
  type Position,
  UserError,
} from '../errors.ts'
import { excerpt } from './excerpt.ts'
import { ScalarPosition, type ScalarStyle } from './scalar-position.ts'
import { YamlReader } from './yaml-reader.ts'

export type Path = readonly (string | number)[]

/** A YAML file as read, with the place of each of its parts. */
export interface YamlDocument {
  readonly file: string
  readonly value: unknown
  /** Where a part stands; of the nearest enclosing part where that one is not in the file. */
  at(path: Path): Position
  /** Where the key of a part stands; of an item of a list, the item. */
  keyAt(path: Path): Position
  /** The line with a caret under the place. */
  excerpt(at: Position): string
}

/** Reads a YAML file. Throws InvalidInputError with everything that is wrong in it. */
export function loadYaml(file: string, report = throwTogether): YamlDocument {
  return parseYaml(readText(file), file, report)
}

/** Reads YAML text; the file is named in positions and errors. Throws InvalidInputError with everything that is wrong. */
export function parseYaml(text: string, file: string, report = throwTogether): YamlDocument {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    // Every scalar comes as text: what it means is decided in scalar.ts.
    schema: 'failsafe',
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'error',
  })
  const place = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const nodeAt = (node: Node | null): Position => {
    const [start, end] = node?.range ?? [0, 0]
    const at = place(start)
    if (!isScalar(node) || typeof node.value !== 'string') return at
    return new ScalarPosition(at, text.slice(start, end), styles[node.type ?? 'PLAIN'] ?? 'plain', node.value)
  }
  const syntaxErrors = document.errors.map((error) => describe(error, place(startOf(error, document))))
  if (syntaxErrors.length > 0) throw new InvalidInputError(syntaxErrors)

  const reader = new YamlReader(nodeAt)
  const value = reader.read(document.contents)
  if (reader.diagnostics.length > 0) report(reader.diagnostics)
  return {
    file,
    value,
    at: (path) => nodeAt(reader.find(document.contents, path).value),
    keyAt: (path) => nodeAt(reader.find(document.contents, path).key),
    excerpt: (at) => excerpt(at, text) ?? '',
  }
}

/** What makes a document ambiguous, but not unreadable: duplicate keys, unknown tags. */
function throwTogether(diagnostics: readonly Diagnostic[]): void {
  throw new InvalidInputError(diagnostics)
}

const styles: Record<string, ScalarStyle> = {
  PLAIN: 'plain',
  QUOTE_SINGLE: 'single-quoted',
  QUOTE_DOUBLE: 'double-quoted',
  BLOCK_LITERAL: 'literal',
  BLOCK_FOLDED: 'folded',
}

function readText(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file))
  } catch (error) {
    if (error instanceof TypeError && !('errno' in error))
      throw new InvalidInputError([{ at: { file, line: 1, column: 1 }, message: 'is not UTF-8 text' }])
    throw unreadable(file, error)
  }
}

function unreadable(file: string, error: unknown): UserError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT')
    return new NothingMatchedError(`there is no file ${file}`, `looked in ${resolve('.')}`)
  const reasons: Record<string, string> = { EISDIR: 'it is a folder', EACCES: 'you may not read it' }
  const reason = reasons[String(code)] ?? (error instanceof Error ? error.message : String(error))
  return new UserError(`cannot read ${file}: ${reason}`, { exitCode: ExitCode.invalidInput, cause: error })
}

/** Where the reader of YAML speaks of its own parts, what it means for the author. */
const explanations: Partial<Record<YAMLError['code'], { message: string; hint?: string }>> = {
  MULTIPLE_DOCS: { message: 'a second document begins here, one file holds one', hint: "remove the '---'" },
  TAB_AS_INDENT: { message: 'a tab stands in the indentation', hint: 'indent with spaces' },
  BLOCK_AS_IMPLICIT_KEY: {
    message: "a second ': ' on this line makes another mapping",
    hint: 'put the whole value in quotes',
  },
}

/** A quote that is not closed is missed at the end of the file: what is wrong begins where it was opened. */
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

/** What some messages quote of the file may be a secret; the excerpt below shows the rest. */
function withoutSource(message: string): string {
  return message.replace(/(token in YAML stream|extra characters): .*/s, '$1')
}

function describe(error: YAMLError, at: Position): Diagnostic {
  return {
    at,
    ...(explanations[error.code] ?? {
      message: withoutSource(error.message).replace(/^\w/, (first) => first.toLowerCase()),
    }),
  }
}
