import { createHash } from 'node:crypto'

import { OutputCursor } from './output-cursor.ts'
import { parseAttributes } from './path-attributes.ts'
import { inBatches, isHashed, limitOf } from './path-script.ts'
import type { ExistingPath, PathQuestion, PathState } from './path.ts'

type Draft = { -readonly [Field in keyof ExistingPath]: ExistingPath[Field] }

interface Answer {
  readonly question: PathQuestion
  state: PathState | Draft
}

/** Understands what `readPaths` prints. */
export function parsePaths(output: string, questions: readonly PathQuestion[]): PathState[] {
  const cursor = new OutputCursor(output)
  const states = inBatches(questions).flatMap((batch) => parseBatch(cursor, batch))
  cursor.end()
  return states
}

function parseBatch(cursor: OutputCursor, questions: readonly PathQuestion[]): PathState[] {
  const answers = describePaths(cursor, questions)
  followLinks(cursor, answers)
  for (const answer of answers) if (isHashed(answer.question)) takeHash(cursor, answer)
  for (const answer of answers) if (answer.question.content !== undefined) takeContent(cursor, answer)
  return answers.map(({ state }) => state)
}

function describePaths(cursor: OutputCursor, questions: readonly PathQuestion[]): Answer[] {
  const seen = questions.map(({ path }) => {
    const header = cursor.until('\0')
    const type = header.charAt(0)
    if (!'-!el'.includes(type)) throw new Error(`not a type of path: ${JSON.stringify(header)}`)
    return { type, real: header.slice(1) || path, target: type === 'l' ? cursor.until('\0') : undefined }
  })
  return questions.map((question, index) => {
    const { type, real, target } = seen[index] ?? { type: '-', real: question.path, target: undefined }
    if (type === '-') return { question, state: { exists: false, real } }
    if (type === '!') return { question, state: { exists: false, real, denied: true } }
    return { question, state: { ...attributesOf(cursor), real, ...(target === undefined ? {} : { target }) } }
  })
}

function followLinks(cursor: OutputCursor, answers: readonly Answer[]): void {
  const links = answers.filter(({ question, state }) => question.follow === true && isLink(state))
  const ends = links.map(() => cursor.until('\0'))
  links.forEach((answer, index) => {
    const end = ends[index] ?? ''
    const real = end.length > 1 ? { real: end.slice(1) } : {}
    const followed = end.startsWith('e') ? { ...attributesOf(cursor), ...real } : { exists: false, ...real }
    answer.state = { ...answer.state, followed } as Draft
  })
}

function attributesOf(cursor: OutputCursor): Draft {
  return { exists: true, ...parseAttributes(cursor.until('\n')) }
}

// A file that cannot be read has no line: whose line this is says the name in it.
function takeHash(cursor: OutputCursor, { question, state }: Answer): void {
  const file = fileOf(state)
  if (file === undefined) return
  const start = cursor.position
  const hash = cursor.match(/\\?([0-9a-f]{64}) [ *]/y)?.[1]
  if (hash === undefined) return
  if (cursor.skip(`${question.path}\n`) || cursor.skip(`${escapedName(question.path)}\n`)) file.sha256 = hash
  else cursor.back(start)
}

function takeContent(cursor: OutputCursor, { question, state }: Answer): void {
  const piece = cursor.until('\0')
  if (!piece.startsWith('+')) return
  const content = Buffer.from(piece.slice(1), 'base64')
  const file = fileOf(state)
  if (file === undefined || content.length > limitOf(question.content)) return
  file.content = content
  if (question.content === 'always') file.sha256 = createHash('sha256').update(content).digest('hex')
}

/** The regular file that the path is or leads to. */
function fileOf(state: PathState): Draft | undefined {
  const end: Draft | PathState = isLink(state) && state.followed !== undefined ? state.followed : state
  return end.exists && end.type === 'file' ? end : undefined
}

function isLink(state: PathState): state is ExistingPath {
  return state.exists && state.type === 'link'
}

/** As GNU sha256sum writes it. */
function escapedName(name: string): string {
  return name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
}
