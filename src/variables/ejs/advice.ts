import type { ForeignExpression, Mistake } from '../dialect.ts'

/** Hints for Jinja, by the code that follows the place of the syntax error. */
const byRest: readonly [RegExp, string][] = [
  [/^\s*and\b/, "write '&&' for 'and'"],
  [/^\s*or\b/, "write '||' for 'or'"],
  [/^\s*is\s+(not\s+)?defined\b/, "write 'typeof x !== \"undefined\"' for 'x is defined'"],
  [/^\s*is\b/, "write '===' and the like for 'is'"],
  [/^\s*not\s+in\b/, "write '!list.includes(x)' for 'x not in list'"],
  [/^\s*if\b/, "write 'condition ? a : b' for 'a if condition else b'"],
  [/^\s*=[^=]/, "write '===' to compare"],
  [/^\s*default\s*\(/, "there are no filters: write 'a ?? b' for 'a | default(b)'"],
]

/** Hints for Jinja, by the beginning of the code. */
const byBeginning: readonly [RegExp, string][] = [
  [/^\s*\{\{/, "write the expression without braces, or as '<%= … %>' in a string"],
  [/^\s*<%/, "write the expression without '<%= %>'"],
  [/^\s*not\s/, "write '!' for 'not'"],
]

/** Returns a hint for code with a syntax error at this place, if it looks like Jinja. */
export function syntaxAdvice(code: string, place: number): string | undefined {
  const rest = code.slice(place)
  const found =
    byRest.find(([pattern]) => pattern.test(rest)) ?? byBeginning.find(([pattern]) => pattern.test(code))
  return found?.[1]
}

/** Hints for the names that Jinja defines. */
const jinjaNames: ReadonlyMap<string, string> = new Map([
  ['True', "write 'true'"],
  ['False', "write 'false'"],
  ['None', "write 'null'"],
  ['none', "write 'null'"],
  ['lookup', 'there are no lookups: write !secret {env: NAME} for the environment'],
  ['default', "write 'a ?? b' for 'a | default(b)'"],
])

const loops: Readonly<Record<string, string>> = {
  with_dict: 'write loop: "<%= Object.entries(mapping) %>" and use item[0] and item[1]',
  with_nested: 'write loop: "<%= one.flatMap((a) => other.map((b) => [a, b])) %>"',
  with_together: 'write loop: "<%= one.map((a, index) => [a, other[index]]) %>"',
  with_sequence: 'write loop: "<%= Array.from({length: 5}, (_, index) => index + 1) %>"',
  with_subelements: 'write loop: "<%= list.flatMap((one) => one.parts.map((part) => [one, part])) %>"',
}

export function adviceFor(mistake: Mistake): string | undefined {
  switch (mistake.type) {
    case 'undefined name':
      return jinjaNames.get(mistake.name)
    case 'loop keyword':
      return loops[mistake.keyword]
    case 'unquoted brace':
      return 'write expressions as <%= … %>'
  }
}

const anyTag = /<%(?:(?!%>)[^])*%>/g

/** Matches the comment that marks the braces of a text as text for another program, such as Docker or GitHub Actions. */
const plainMark = /<%#\s*plain\s*[-_]?%>/

const jinja = /\{\{(?<printed>[^]*?)\}\}|\{%[^]*?%\}/

/** Finds Jinja outside of the tags, unless the text is marked. */
export function foreignExpressionIn(text: string): ForeignExpression | undefined {
  if (!/\{[{%]/.test(text) || plainMark.test(text)) return undefined
  const found = jinja.exec(text.replace(anyTag, (tag) => ' '.repeat(tag.length)))
  if (found === null) return undefined
  const name = /^-?\s*([A-Za-z_]\w*)\s*-?$/.exec(found.groups?.['printed'] ?? '')?.[1]
  return {
    offset: found.index,
    problem: `${shortened(found[0])} is Jinja, which is not evaluated`,
    hint: `write <%= ${name ?? '…'} %>, or begin the text with <%# plain %> if another program reads the braces`,
  }
}

function shortened(code: string): string {
  const line = code.replaceAll(/\s+/g, ' ')
  return line.length > 60 ? `${line.slice(0, 59)}…` : line
}
