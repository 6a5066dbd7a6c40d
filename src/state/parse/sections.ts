/** Returns the lines below each of these headings ("== name"), which must be in this order. */
export function sections<Name extends string>(
  output: string,
  names: readonly Name[],
): Record<Name, string[]> {
  const found: Record<string, string[]> = {}
  let current: string[] | undefined
  let next = 0
  for (const line of lines(output)) {
    if (names[next] !== undefined && line === `== ${names[next]}`) {
      current = found[names[next] ?? ''] = []
      next += 1
    } else if (current === undefined) throw new Error(`output before the first heading: ${line}`)
    else current.push(line)
  }
  if (next < names.length) throw new Error(`the output ends before == ${names[next] ?? ''}`)
  return found
}

/** Splits lines, ignoring a final newline. */
export function lines(text: string): string[] {
  if (text === '') return []
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')
}
