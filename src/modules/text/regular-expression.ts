const inlineFlags = /^\(\?([ims]+)\)/

/** Parses a pattern in Python's syntax, as far as playbooks use it. Throws a SyntaxError if it is invalid. */
export function regularExpression(pattern: string, flags = ''): RegExp {
  const inline = inlineFlags.exec(pattern)?.[1] ?? ''
  const source = pattern
    .replace(inlineFlags, '')
    .replaceAll(/\\(.)|\(\?P([<=])/gs, (whole, escaped: string | undefined, named: string | undefined) => {
      if (named !== undefined) return named === '<' ? '(?<' : '(?P='
      return escaped === 'A' ? '^' : escaped === 'Z' ? '$' : whole
    })
    .replaceAll(/\(\?P=(\w+)\)/g, '\\k<$1>')
  return new RegExp(source, [...new Set(flags + inline)].join(''))
}

/** Returns the message for an invalid pattern. */
export function patternProblem(pattern: string): string | undefined {
  try {
    regularExpression(pattern)
    return undefined
  } catch (error) {
    if (error instanceof SyntaxError) return error.message
    throw error
  }
}

/** Expands a replacement in Python's syntax: `\1`, `\g<1>`, `\g<name>`, `\n`, `\t`, `\\`. */
export function expandReplacement(template: string, match: RegExpExecArray): string {
  return template.replaceAll(
    /\\(?:(\d{1,2})|g<(\w+)>|([nt\\]))/g,
    (_whole, number: string | undefined, name: string | undefined, letter: string | undefined) => {
      if (letter !== undefined) return letter === 'n' ? '\n' : letter === 't' ? '\t' : '\\'
      const group = number ?? name ?? ''
      return (/^\d+$/.test(group) ? match[Number(group)] : match.groups?.[group]) ?? ''
    },
  )
}
