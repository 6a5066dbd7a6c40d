/** For those who come from Jinja: what they wrote, from where it is no JavaScript any more, and what to write. */
const fromThere: readonly [RegExp, string][] = [
  [/^\s*and\b/, "write '&&' for 'and'"],
  [/^\s*or\b/, "write '||' for 'or'"],
  [/^\s*is\s+(not\s+)?defined\b/, "write 'typeof x !== \"undefined\"' for 'x is defined'"],
  [/^\s*is\b/, "write '===' and the like for 'is'"],
  [/^\s*not\s+in\b/, "write '!list.includes(x)' for 'x not in list'"],
  [/^\s*if\b/, "write 'condition ? a : b' for 'a if condition else b'"],
  [/^\s*=[^=]/, "write '===' to compare"],
  [/^\s*default\s*\(/, "there are no filters: write 'a ?? b' for 'a | default(b)'"],
]

const anywhere: readonly [RegExp, string][] = [
  [/^\s*\{\{/, "an expression is written without braces, or as '<%= … %>' in a text"],
  [/^\s*<%/, "an expression is written without '<%= %>' here"],
  [/^\s*not\s/, "write '!' for 'not'"],
]

/** What to write instead of Jinja, if that is what it is. */
export function jinjaAdvice(code: string, place: number): string | undefined {
  const rest = code.slice(place)
  const found =
    fromThere.find(([pattern]) => pattern.test(rest)) ?? anywhere.find(([pattern]) => pattern.test(code))
  return found?.[1]
}

/** Names that Jinja knows and JavaScript spells otherwise. */
export const jinjaNames: Readonly<Record<string, string>> = {
  True: "write 'true'",
  False: "write 'false'",
  None: "write 'null'",
  none: "write 'null'",
  lookup: 'there are no lookups: write !secret {env: NAME} for the environment',
  default: "write 'a ?? b' for 'a | default(b)'",
}
