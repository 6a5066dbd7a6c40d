import { blank, withoutCode, type Passage } from './passage.ts'

/** Finds the English of a file that is not TypeScript. */
export function textPassages(name: string, text: string): Passage[] {
  if (name.endsWith('.1')) return [{ text, offset: 0, hasSentences: true }]
  if (name.endsWith('.md')) return [prose(text.replaceAll(codeBlock, blank)), ...linesOf(text, codeBlock)]
  const sentences = /\.ya?ml$/.test(name) ? commentOrName : comment
  return [...text.matchAll(sentences)]
    .map((match) => prose(match[0].replaceAll(marks, blank), match.index))
    .concat(linesOf(text.replaceAll(sentences, blank)))
}

const codeBlock = /^```.*?^```$/gms
const lineComments = /(?<=^|\s)(?:#|\/\/|;|--)\s[^\n]*(?:\n[^\S\n]*(?:#|\/\/|;|--)\s[^\n]*)*/
const blockComment = /\/\*.*?\*\/|<%#.*?%>/s
const title = /(?<=\b(?:name|msg|fail_msg|success_msg): )[^\n]+/
const comment = new RegExp(`${lineComments.source}|${blockComment.source}`, 'gs')
const commentOrName = new RegExp(`${lineComments.source}|${title.source}`, 'g')
const marks = /^[^\S\n]*(?:#|\/\/|;|--|\/?\*+|<%#)|\*\/$|%>$/gm

function prose(text: string, offset = 0): Passage {
  return { text: withoutCode(text), offset, hasSentences: true }
}

/** Returns the lines of code and output, which have words but no sentences. */
function linesOf(text: string, within = /.+/gs): Passage[] {
  return [...text.matchAll(within)].flatMap((part) =>
    [...part[0].matchAll(/\S.*/g)].map((line) => ({
      text: withoutCode(line[0]),
      offset: part.index + line.index,
      hasSentences: false,
    })),
  )
}
