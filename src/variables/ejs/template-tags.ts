import { SyntaxProblem } from '../evaluation/syntax-problem.ts'

/** A piece of a template with JavaScript in it. */
export interface CodeTag {
  /** `<%= %>` and `<%- %>` print, `<% %>` runs. */
  readonly prints: boolean
  readonly code: string
  /** Where the tag and its code begin in the template. */
  readonly start: number
  readonly codeStart: number
}

const delimiter = /<%%|%%>|<%=|<%-|<%_|<%#|<%|-%>|_%>|%>/g

/** The tags of a template that hold code, divided as EJS does it. Throws SyntaxProblem where one is not closed. */
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
    if (code.trim() === '') throw new SyntaxProblem('an empty tag', start)
    const prints = opener === '<%=' || opener === '<%-'
    tags.push({ prints, code: prints ? code.replace(/;\s*$/, '') : code, start, codeStart })
  }
  if (open !== undefined && open.opener !== '<%%') throw notClosed(open)
  return tags
}

/** The code of a text that is nothing but one `<%= … %>`. */
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
    "close it with '%>'; write '<%%' for the text '<%'",
  )
}
