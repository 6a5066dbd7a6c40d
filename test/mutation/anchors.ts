import ts from 'typescript'

/**
 * Returns the start of the smallest piece of code around a node whose execution is counted: a statement, the body of an
 * arrow function, or a default value.
 */
export function anchorOf(node: ts.Node): number {
  let place = node
  while (!isAnchor(place) && !ts.isSourceFile(place.parent)) place = place.parent
  return place.getStart()
}

/** Returns the source of a file that reports `<file>:<start>` for each anchor when it is executed. */
export function counted(source: ts.SourceFile, file: string): string {
  const inserted: { readonly position: number; readonly text: string }[] = []
  visit(source)
  let text = source.text
  for (const { position, text: addition } of inserted.sort((one, other) => other.position - one.position))
    text = `${text.slice(0, position)}${addition}${text.slice(position)}`
  return text

  function visit(node: ts.Node): void {
    if (isAnchor(node)) {
      const report = `globalThis.reportExecuted?.("${file}", ${node.getStart()})`
      const [before, after] = ts.isExpression(node)
        ? [`(${report}, (`, '))']
        : inList(node)
          ? [`${report};`, '']
          : [`{${report};`, '}']
      inserted.push({ position: node.getStart(), text: before }, { position: node.getEnd(), text: after })
    }
    ts.forEachChild(node, visit)
  }
}

function isAnchor(node: ts.Node): boolean {
  if (ts.isSourceFile(node)) return false
  const { parent } = node
  if (ts.isBlock(node) || ts.isFunctionDeclaration(node) || isOfTypesOnly(node)) return false
  if (ts.isStatement(node)) return inList(node) || isBranch(node)
  if (ts.isArrowFunction(parent)) return parent.body === node
  return (
    (ts.isParameter(parent) || ts.isPropertyDeclaration(parent) || ts.isBindingElement(parent)) &&
    parent.initializer === node
  )
}

function inList({ parent }: ts.Node): boolean {
  return ts.isBlock(parent) || ts.isSourceFile(parent) || ts.isCaseOrDefaultClause(parent)
}

function isBranch(node: ts.Node): boolean {
  const { parent } = node
  if (ts.isIfStatement(parent)) return true
  return ts.isIterationStatement(parent, false) && parent.statement === node
}

function isOfTypesOnly(node: ts.Node): boolean {
  return (
    ts.isImportDeclaration(node) ||
    ts.isExportDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node)
  )
}
