import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Document, isScalar, LineCounter, type Node, parseDocument, visit, type YAMLError } from 'yaml'

import {
  type Diagnostic,
  ExitCode,
  InvalidInputError,
  NothingMatchedError,
  type Position,
  reasonOf,
  UserError,
} from '../errors.ts'
import { excerpt } from './excerpt.ts'
import { ScalarPosition, type ScalarStyle } from './scalar-position.ts'
import { YamlReader } from './yaml-reader.ts'

export type Path = readonly (string | number)[]

/** A parsed YAML file, with the position of each of its parts. */
export interface YamlDocument {
  readonly file: string
  readonly value: unknown
  /** Returns the position of a part, or of the nearest enclosing part that is in the file. */
  at(path: Path): Position
  /** Returns the position of the key of a part, or of a list item. */
  keyAt(path: Path): Position
  /** Returns the line with a caret under the position. */
  excerpt(at: Position): string
}

/** Reads a YAML file. Throws InvalidInputError with all its errors. */
export function loadYaml(file: string, report = throwTogether): YamlDocument {
  return parseYaml(readText(file), file, report)
}

/** Reads YAML text; the file is named in positions and errors. Throws InvalidInputError with all its errors. */
export function parseYaml(text: string, file: string, report = throwTogether): YamlDocument {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    // Every scalar is read as a string: scalar.ts determines its value.
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

/** Returns errors that leave the document readable: duplicate keys, unknown tags. */
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
      throw new InvalidInputError([{ at: { file, line: 1, column: 1 }, message: 'is not valid UTF-8' }])
    throw unreadable(file, error)
  }
}

function unreadable(file: string, error: unknown): UserError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT')
    return new NothingMatchedError(`no such file: ${file}`, `searched in ${resolve('.')}`)
  const reasons: Record<string, string> = { EISDIR: 'it is a directory', EACCES: 'permission denied' }
  const reason = reasons[String(code)] ?? reasonOf(error)
  return new UserError(`cannot read ${file}: ${reason}`, { exitCode: ExitCode.invalidInput, cause: error })
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

/** The parser reports an unclosed quote at the end of the file: report it where it was opened. */
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

/** Some messages quote the file, and so perhaps a secret; the excerpt below shows the rest. */
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
