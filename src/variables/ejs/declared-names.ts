import type { Function as FunctionNode, Pattern } from 'acorn'
import { recursive } from 'acorn-walk'

/** Returns the names that a function declares: parameters and every variable in its body. */
export function declaredNames(scope: FunctionNode): ReadonlySet<string> {
  const names = new Set<string>()
  const declare = (pattern: Pattern | null | undefined): void => {
    for (const name of patternNames(pattern)) names.add(name)
  }
  scope.params.forEach(declare)
  declare(scope.id)
  recursive(scope.body, null, {
    VariableDeclarator(node, state, visit) {
      declare(node.id)
      if (node.init) visit(node.init, state)
    },
    FunctionDeclaration: (node) => {
      declare(node.id)
    },
    FunctionExpression: () => undefined,
    ArrowFunctionExpression: () => undefined,
    ClassDeclaration: (node) => {
      declare(node.id)
    },
    CatchClause(node, state, visit) {
      declare(node.param)
      visit(node.body, state)
    },
  })
  return names
}

function patternNames(pattern: Pattern | null | undefined): string[] {
  if (!pattern) return []
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name]
    case 'ObjectPattern':
      return pattern.properties.flatMap((property) =>
        patternNames(property.type === 'RestElement' ? property.argument : property.value),
      )
    case 'ArrayPattern':
      return pattern.elements.flatMap(patternNames)
    case 'AssignmentPattern':
      return patternNames(pattern.left)
    case 'RestElement':
      return patternNames(pattern.argument)
    case 'MemberExpression':
      return []
  }
}
