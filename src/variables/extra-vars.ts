import { InvalidInputError, type Position, UsageError } from '../errors.ts'
import { plainValue } from '../yaml/scalar.ts'
import { loadYaml, parseYaml, type YamlDocument } from '../yaml/yaml-document.ts'
import { projectDialect } from './dialects.ts'
import type { Layer } from './layer.ts'
import { isPlainObject } from './plain.ts'

const usage = 'write -e name=value, -e @file.yml or -e \'{"name": value}\''
const dialect = projectDialect
const yamlOptions = { braceAdvice: dialect.adviceFor({ type: 'unquoted brace' }) }

/** Parses `-e name=value`, `-e @file` and `-e '{json}'` into layers, lowest precedence first. */
export function parseExtraVars(texts: readonly string[]): Layer[] {
  return texts.map((text) => {
    if (text.startsWith('@')) return documentLayer(loadYaml(text.slice(1), yamlOptions), text)
    if (/^\s*\{/.test(text)) return documentLayer(parseInline(text), text)
    return { origin: '-e', values: new Map(words(text).map(assignment)), dialect, at: placeOnCommandLine }
  })
}

function parseInline(text: string): YamlDocument {
  try {
    return parseYaml(text, '-e', yamlOptions)
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    throw new UsageError(`-e ${text}: ${error.diagnostics[0]?.message ?? 'not a mapping'}`, usage)
  }
}

function placeOnCommandLine(): Position {
  return { file: '-e', line: 1, column: 1 }
}

function documentLayer(document: YamlDocument, text: string): Layer {
  const { value } = document
  if (value === null) return { origin: `-e ${text}`, values: new Map(), dialect }
  if (!isPlainObject(value))
    throw new UsageError(`-e ${text}: not a mapping`, 'write a mapping of names to values')
  Object.keys(value).forEach(checkName)
  return {
    origin: `-e ${text}`,
    values: new Map(Object.entries(value)),
    dialect,
    at: (name, path = []) => document.at([name, ...path]),
  }
}

/** Parses a value like YAML, so that `flag=false` is a boolean; a value in quotes is a string. */
function assignment(word: { text: string; quotedFrom: number }): [string, unknown] {
  const equals = word.text.indexOf('=')
  if (equals < 1)
    throw new UsageError(
      `-e ${word.text}: not an assignment`,
      `${usage}; put a value with spaces in quotes: -e 'name="a b"'`,
    )
  const name = word.text.slice(0, equals)
  checkName(name)
  const text = word.text.slice(equals + 1)
  return [name, word.quotedFrom > equals ? text : plainValue(text)]
}

function checkName(name: string): void {
  if (!/^[A-Za-z_]\w*$/.test(name))
    throw new UsageError(`-e ${name}=…: invalid variable name '${name}'`, 'use letters, digits and _')
}

/** Splits text at white space outside quotes, and removes the quotes. */
function words(text: string): { text: string; quotedFrom: number }[] {
  const found: { text: string; quotedFrom: number }[] = []
  for (const [word] of text.matchAll(/(?:[^\s"']|"(?:\\.|[^"\\])*"|'[^']*'|["'])+/g)) {
    const bare = /^([^"'=]+=)(?:"((?:\\.|[^"\\])*)"|'([^']*)')$/.exec(word)
    const [, head, double, single] = bare ?? []
    if (head === undefined) found.push({ text: word, quotedFrom: -1 })
    else
      found.push({
        text: head + (single ?? double?.replaceAll(/\\(.)/g, '$1') ?? ''),
        quotedFrom: head.length,
      })
  }
  return found
}
