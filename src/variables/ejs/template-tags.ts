import { SyntaxProblem } from '../evaluation/syntax-problem.ts'

/** A tag that contains JavaScript. */
export interface CodeTag {
  /** `<%= %>` and `<%- %>` print, `<% %>` runs. */
  readonly prints: boolean
  readonly code: string
  /** The offsets of the tag and of its code in the template. */
  readonly start: number
  readonly codeStart: number
}

const delimiter = /<%%|%%>|<%=|<%-|<%_|<%#|<%|-%>|_%>|%>/g

/** Returns the tags with code, split as EJS splits them. Throws SyntaxProblem if a tag is empty or not closed. */
export function codeTags(text: string): CodeTag[] {
  const tags: CodeTag[] = []
  let open: { opener: string; start: number; codeStart: number } | undefined
  for (const { 0: found, index } of text.matchAll(delimiter)) {
    if (found === '%%>') continue
    if (!found.endsWith('%>')) {
      if (open !== undefined && open.opener !== '<%%') throw notClosed(open)
      open = { opener: found, start: index, codeStart: index + found.length }
      continue
    }
    if (open === undefined) continue
    const { opener, start, codeStart } = open
    open = undefined
    if (opener === '<%#' || opener === '<%%') continue
    const code = text.slice(codeStart, index)
    if (code.trim() === '') throw new SyntaxProblem('empty tag', start)
    const prints = opener === '<%=' || opener === '<%-'
    tags.push({ prints, code: prints ? code.replace(/;\s*$/, '') : code, start, codeStart })
  }
  if (open !== undefined && open.opener !== '<%%') throw notClosed(open)
  return tags
}

/** Returns the tag of a string that is a single `<%= … %>`. */
export function onlyPrintTag(text: string): CodeTag | undefined {
  if (!text.startsWith('<%') || !text.endsWith('%>')) return undefined
  const [tag, ...others] = codeTags(text)
  if (tag === undefined || others.length > 0 || !tag.prints || tag.start !== 0) return undefined
  return text.indexOf('%>') === text.length - 2 ? tag : undefined
}

function notClosed(tag: { opener: string; start: number }): SyntaxProblem {
  return new SyntaxProblem(
    `${tag.opener} is not closed`,
    tag.start,
    "close it with '%>'; for a literal '<%' write '<%%'",
  )
}
