import ts from 'typescript'

import { anchorOf } from './anchors.ts'
import { describeChange, lineAt, type Mutation } from './mutation.ts'

/** A text that replaces a node. */
interface Alternative {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** Returns every mutation of a source file, in the order of the text. */
export function mutationsOf(source: ts.SourceFile, file: string): Mutation[] {
  const mutations: Mutation[] = []
  visit(source)
  return mutations

  function visit(node: ts.Node): void {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || isMessage(node)) return
    for (const alternative of alternativesTo(node)) mutations.push(mutationFor(node, alternative))
    ts.forEachChild(node, visit)
  }

  function mutationFor(node: ts.Node, { start, end, text }: Alternative): Mutation {
    const before = node.getText()
    const [from, to] = [start - node.getStart(), end - node.getStart()]
    return {
      ...{ file, start, end, text },
      line: source.getLineAndCharacterOfPosition(start).line + 1,
      code: lineAt(source, start),
      change: describeChange(before, before.slice(0, from) + text + before.slice(to), from),
      anchor: anchorOf(node),
    }
  }
}

function* alternativesTo(node: ts.Node): Generator<Alternative> {
  if (ts.isBinaryExpression(node)) yield* otherOperators(node)
  else if (ts.isConditionalExpression(node)) yield negated(node.condition)
  else if (ts.isIfStatement(node)) yield* otherBranches(node)
  else if (ts.isPrefixUnaryExpression(node)) yield* withoutNegation(node)
  else if (ts.isExpressionStatement(node)) yield* withoutStatement(node)
  else if (ts.isArrayLiteralExpression(node)) yield* withoutElements(node.elements)
  else if (ts.isObjectLiteralExpression(node))
    yield* withoutElements(node.properties.filter(ts.isSpreadAssignment))
  else if (ts.isCallExpression(node)) yield* otherCalls(node)
  else yield* otherLiteral(node)
}

/** Operators of the same precedence. */
const otherTokens: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.EqualsEqualsEqualsToken, '!=='],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, '==='],
  [ts.SyntaxKind.LessThanToken, '<='],
  [ts.SyntaxKind.LessThanEqualsToken, '<'],
  [ts.SyntaxKind.GreaterThanToken, '>='],
  [ts.SyntaxKind.GreaterThanEqualsToken, '>'],
  [ts.SyntaxKind.PlusToken, '-'],
  [ts.SyntaxKind.MinusToken, '+'],
  [ts.SyntaxKind.AsteriskToken, '/'],
  [ts.SyntaxKind.SlashToken, '*'],
  [ts.SyntaxKind.PlusEqualsToken, '-='],
  [ts.SyntaxKind.QuestionQuestionEqualsToken, '='],
])

function* otherOperators(node: ts.BinaryExpression): Generator<Alternative> {
  const { left, operatorToken, right } = node
  const { kind } = operatorToken
  if (kind === ts.SyntaxKind.AmpersandAmpersandToken)
    yield instead(node, `(${left.getText()} || ${right.getText()})`)
  if (kind === ts.SyntaxKind.BarBarToken) yield instead(node, `(${left.getText()} && ${right.getText()})`)
  if (kind === ts.SyntaxKind.QuestionQuestionToken) yield instead(node, left.getText())
  const other = otherTokens.get(kind)
  if (other !== undefined && !isConcatenation(node)) yield instead(operatorToken, other)
}

function isConcatenation({ left, operatorToken, right }: ts.BinaryExpression): boolean {
  const isPlus = [ts.SyntaxKind.PlusToken, ts.SyntaxKind.PlusEqualsToken].includes(operatorToken.kind)
  return isPlus && [left, right].some((side) => ts.isStringLiteralLike(side) || ts.isTemplateExpression(side))
}

function instead(node: ts.Node, text: string): Alternative {
  return { start: node.getStart(), end: node.getEnd(), text }
}

function negated(condition: ts.Expression): Alternative {
  return instead(condition, `!(${condition.getText()})`)
}

function* otherBranches(node: ts.IfStatement): Generator<Alternative> {
  yield negated(node.expression)
  if (node.elseStatement === undefined) yield instead(node.expression, 'false')
}

function* withoutNegation(node: ts.PrefixUnaryExpression): Generator<Alternative> {
  if (node.operator === ts.SyntaxKind.ExclamationToken) yield instead(node, node.operand.getText())
  if (node.operator === ts.SyntaxKind.MinusToken) yield instead(node, node.operand.getText())
}

function* withoutStatement(node: ts.ExpressionStatement): Generator<Alternative> {
  const isSuper =
    ts.isCallExpression(node.expression) && node.expression.expression.kind === ts.SyntaxKind.SuperKeyword
  if (!isSuper) yield instead(node, ';')
}

function* withoutElements(elements: readonly ts.Node[]): Generator<Alternative> {
  for (const element of elements) {
    const rest = element.getSourceFile().text.slice(element.getEnd())
    const [comma = ''] = /^\s*,/.exec(rest) ?? []
    yield { start: element.getStart(), end: element.getEnd() + comma.length, text: '' }
  }
}

const otherMethods: ReadonlyMap<string, string> = new Map([
  ['some', 'every'],
  ['every', 'some'],
  ['find', 'findLast'],
  ['findLast', 'find'],
  ['startsWith', 'endsWith'],
  ['endsWith', 'startsWith'],
  ['indexOf', 'lastIndexOf'],
  ['lastIndexOf', 'indexOf'],
  ['min', 'max'],
  ['max', 'min'],
])

const skippedMethods: readonly string[] = [
  'filter',
  'trim',
  'trimEnd',
  'slice',
  'toReversed',
  'toSorted',
  'toLowerCase',
  'catch',
]

function* otherCalls({ expression }: ts.CallExpression): Generator<Alternative> {
  if (!ts.isPropertyAccessExpression(expression)) return
  const { name } = expression
  const other = otherMethods.get(name.text)
  if (other !== undefined) yield instead(name, other)
  if (skippedMethods.includes(name.text))
    yield { start: expression.expression.getEnd(), end: expression.parent.getEnd(), text: '' }
}

function* otherLiteral(node: ts.Node): Generator<Alternative> {
  if (node.kind === ts.SyntaxKind.TrueKeyword) yield instead(node, 'false')
  if (node.kind === ts.SyntaxKind.FalseKeyword) yield instead(node, 'true')
  if (ts.isNumericLiteral(node) && node.text.length === 1) yield instead(node, String(Number(node.text) + 1))
  if (ts.isStringLiteral(node) && !isName(node)) yield instead(node, node.text === '' ? "'other'" : "''")
}

/** Returns whether a string is the name of a property or of a method, or a message. */
function isName(node: ts.StringLiteral): boolean {
  if (/[a-z,:] |^ /i.test(node.text)) return true
  const { parent } = node
  return ts.isPropertyAssignment(parent) && parent.name === node
}

/** Returns whether a node is the text of an error, which tests need not check. */
function isMessage(node: ts.Node): boolean {
  if (!ts.isNewExpression(node)) return false
  return /Error|Failure|Problem$/.test(node.expression.getText())
}
