import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

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
import { Lines } from './lines.ts'
import type { YamlNode } from './node.ts'
import { nodesOfFile } from './outlines.ts'
import { parsedNodes } from './parse.ts'
import { ScalarPosition } from './scalar-position.ts'
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

export interface YamlOptions {
  /**
   * Receives the errors that leave the document readable: duplicate keys, unknown tags. By default, they are thrown.
   */
  readonly report?: (found: readonly Diagnostic[]) => void
  /** The end of the hint for a value that begins with a brace, without quotes. */
  readonly braceAdvice?: string | undefined
}

/** Reads a YAML file. Throws InvalidInputError with all its errors. */
export function loadYaml(file: string, options: YamlOptions = {}): YamlDocument {
  const content = readContent(file)
  const text = textOf(content, file)
  const root = nodesOfFile(content, text, () => parsedNodes(text, file))
  return documentOf(root, text, file, options)
}

/** Reads YAML text; the file is named in positions and errors. Throws InvalidInputError with all its errors. */
export function parseYaml(text: string, file: string, options: YamlOptions = {}): YamlDocument {
  return documentOf(parsedNodes(text, file), text, file, options)
}

function documentOf(
  root: YamlNode | null,
  text: string,
  file: string,
  { report = throwTogether, braceAdvice }: YamlOptions,
): YamlDocument {
  const lines = new Lines(text)
  const nodeAt = (node: YamlNode | null): Position => {
    const at = { file, ...lines.placeOf(node?.start ?? 0) }
    if (node?.type !== 'scalar') return at
    return new ScalarPosition(at, text.slice(node.start, node.end), node.style, node.text)
  }
  const reader = new YamlReader(nodeAt, braceAdvice)
  const value = reader.read(root)
  if (reader.diagnostics.length > 0) report(reader.diagnostics)
  return {
    file,
    value,
    at: (path) => nodeAt(reader.find(root, path).value),
    keyAt: (path) => nodeAt(reader.find(root, path).key),
    excerpt: (at) => excerpt(at, text) ?? '',
  }
}

function throwTogether(diagnostics: readonly Diagnostic[]): void {
  throw new InvalidInputError(diagnostics)
}

function readContent(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw unreadable(file, error)
  }
}

function textOf(content: Buffer, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content)
  } catch {
    throw new InvalidInputError([{ at: { file, line: 1, column: 1 }, message: 'is not valid UTF-8' }])
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
