import type { AnyNode, MemberExpression } from 'acorn'

/** Returns the member expressions of a chain such as `a.b[c]`, innermost first. */
export function linksOf(node: MemberExpression): MemberExpression[] {
  const links: MemberExpression[] = []
  let link: AnyNode = node
  while (link.type === 'MemberExpression') {
    links.unshift(link)
    link = link.object
  }
  return links
}

/** Returns the key of a link if it is literal. */
export function writtenKey(link: MemberExpression): string | undefined {
  if (!link.computed) return link.property.type === 'Identifier' ? link.property.name : undefined
  if (link.property.type !== 'Literal') return undefined
  const { value } = link.property
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
}
