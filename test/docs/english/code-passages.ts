import ts from 'typescript'

import { blank, withoutCode, type Passage } from './passage.ts'

const titled = new Set(['describe', 'it', 'before', 'beforeEach', 'after', 'afterEach'])

/** Finds the comments of a TypeScript file, and its strings: all of them, or the titles of tests. */
export function codePassages(source: string, strings: 'all' | 'titles'): Passage[] {
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, true)
  const passages: Passage[] = []
  let code = ''
  const visit = (node: ts.Node): void => {
    if (isLiteral(node)) code += source.slice(code.length, node.getStart(file)) + blank(node.getText(file))
    if (isString(node) && (strings === 'all' || isTitle(node))) {
      const text = textOf(node, file)
      if (/\S\s+\S/.test(text)) passages.push({ text, offset: node.getStart(file), hasSentences: true })
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  code += source.slice(code.length)
  return [...passages, ...commentsIn(code)]
}

/** Returns whether `//` starts no comment in a node. The parts of a template are separate nodes. */
function isLiteral(node: ts.Node): boolean {
  return ts.isLiteralExpression(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)
}

function isString(node: ts.Node): node is ts.StringLiteralLike | ts.TemplateExpression {
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)
}

function isTitle(node: ts.Node): boolean {
  const call = ts.findAncestor(node, ts.isCallExpression)
  const title = call?.arguments[0]
  if (call === undefined || title === undefined || node.pos < title.pos || node.end > title.end) return false
  return titled.has(call.expression.getText().split('.')[0]!)
}

/** Returns the text without quotes and code, and with `…` for the expressions of a template. */
function textOf(node: ts.StringLiteralLike | ts.TemplateExpression, file: ts.SourceFile): string {
  const start = node.getStart(file)
  let text = node.getText(file)
  if (ts.isTemplateExpression(node))
    for (const { expression } of node.templateSpans) {
      const [from, to] = [expression.pos - 2 - start, expression.end + 1 - start]
      text = text.slice(0, from) + text.slice(from, to).replaceAll(/[^\n]/g, '…') + text.slice(to)
    }
  return withoutCode(` ${text.slice(1, -1)} `)
}

function commentsIn(code: string): Passage[] {
  return [...code.matchAll(/\/\*.*?\*\/|\/\/[^\n]*(?:\n[^\S\n]*\/\/[^\n]*)*/gs)].map((match) => ({
    text: withoutCode(match[0].replaceAll(/^[^\S\n]*(?:\/\*+|\/\/|\*(?!\/))|\*\/$/gm, blank)),
    offset: match.index,
    hasSentences: true,
  }))
}
