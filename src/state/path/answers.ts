import { createHash } from 'node:crypto'

import { detachedText } from '../../text/detached-text.ts'
import { OutputCursor } from '../parse/output-cursor.ts'
import { PathAccess } from './access.ts'
import { parseAttributes } from './attributes.ts'
import { inBatches, isHashed, limitOf } from './script.ts'
import type { SeenPath } from './seen-path.ts'
import type { ExistingPath, PathQuestion, PathState } from './value.ts'

type Draft = { -readonly [Field in keyof ExistingPath]: ExistingPath[Field] }

interface Answer extends SeenPath {
  state: PathState | Draft
}

/** Parses the output of `readPaths`. */
export function parsePaths(output: string, questions: readonly PathQuestion[]): PathState[] {
  const cursor = new OutputCursor(output)
  const states = inBatches(questions).flatMap((batch) => parseBatch(cursor, batch))
  cursor.end()
  return states
}

function parseBatch(cursor: OutputCursor, questions: readonly PathQuestion[]): PathState[] {
  const names = questions.map((question) => nameOf(cursor, question))
  const folders = folderNames(cursor)
  const access = new PathAccess(parseAttributes(cursor.until('\n')))
  const answers = names.map((seen) => ({ ...seen, state: stateOf(cursor, seen) }))
  for (const folder of folders) access.addFolder(folder, parseAttributes(cursor.until('\n')))
  for (const { hops, end } of names)
    for (const link of [...hops, ...(end?.hops ?? [])])
      access.addLink(link, parseAttributes(cursor.until('\n')))
  for (const answer of answers) answer.state = access.judge(answer)
  for (const answer of answers) if (isHashed(answer.question)) takeHash(cursor, answer)
  for (const answer of answers) if (answer.question.content !== undefined) takeContent(cursor, answer)
  return answers.map(({ state }) => state)
}

/** The maximum length of a path in Linux. A path that does not exist may be longer by the question's path. */
const longestPath = 4096

/** Returns the path with all symlinks resolved; an empty one means that of the question. */
function realPath(path: string, question: PathQuestion): string {
  if (path === '' || path === question.path) return question.path
  if (path.length > longestPath + question.path.length)
    throw new Error(`unexpected path of ${path.length} characters for ${question.path}`)
  return detachedText(path)
}

function nameOf(cursor: OutputCursor, question: PathQuestion): SeenPath {
  const hops = hopsOf(cursor)
  const header = cursor.until('\0')
  const type = header.charAt(0)
  if (!'-!el'.includes(type)) throw new Error(`unexpected type of path: ${JSON.stringify(header)}`)
  const seen = { question, hops, type, real: realPath(header.slice(1), question) }
  if (type !== 'l') return seen
  const target = cursor.until('\0')
  if (question.follow !== true) return { ...seen, target }
  const beyond = hopsOf(cursor)
  const end = cursor.until('\0')
  const real = end.length > 1 ? realPath(end.slice(1), question) : undefined
  return { ...seen, target, end: { hops: beyond, exists: end.startsWith('e'), real } }
}

function hopsOf(cursor: OutputCursor): string[] {
  const hops: string[] = []
  while (cursor.skip('h')) hops.push(cursor.until('\0'))
  return hops
}

function folderNames(cursor: OutputCursor): string[] {
  const folders: string[] = []
  while (cursor.skip('d')) folders.push(cursor.until('\0'))
  if (!cursor.skip('.\0')) throw new Error('incomplete list of directories')
  return folders
}

function stateOf(cursor: OutputCursor, { type, real, target, end }: SeenPath): PathState {
  if (type === '-') return { exists: false, real }
  if (type === '!') return { exists: false, real, denied: true }
  const state = attributesOf(cursor, real)
  if (target !== undefined) state.target = detachedText(target)
  if (end === undefined) return state
  const place = end.real === undefined ? {} : { real: end.real }
  return {
    ...state,
    followed: end.exists ? attributesOf(cursor, end.real) : { exists: false, ...place },
  }
}

function attributesOf(cursor: OutputCursor, real: string | undefined): Draft {
  const state: Draft = parseAttributes(cursor.until('\n'))
  if (real !== undefined) state.real = real
  return state
}

// An unreadable file has no line, so the name in the line must match.
function takeHash(cursor: OutputCursor, { question, state }: Answer): void {
  const file = fileOf(state)
  if (file === undefined) return
  const start = cursor.position
  const hash = cursor.match(/\\?([0-9a-f]{64}) [ *]/y)?.[1]
  if (hash === undefined) return
  if (cursor.skip(`${question.path}\n`) || cursor.skip(`${escapedName(question.path)}\n`))
    file.sha256 = detachedText(hash)
  else cursor.back(start)
}

function takeContent(cursor: OutputCursor, { question, state }: Answer): void {
  const piece = cursor.until('\0')
  if (!piece.startsWith('+') || piece.includes('!')) return
  const content = Buffer.from(piece.slice(1), 'base64')
  const file = fileOf(state)
  if (file === undefined || content.length > limitOf(question.content)) return
  file.content = content
  if (question.content === 'always') file.sha256 = createHash('sha256').update(content).digest('hex')
}

/** Returns the regular file at the path or at the end of its symlinks. */
function fileOf(state: PathState): Draft | undefined {
  const end: Draft | PathState = isLink(state) && state.followed !== undefined ? state.followed : state
  return end.exists && end.type === 'file' ? end : undefined
}

function isLink(state: PathState): state is ExistingPath {
  return state.exists && state.type === 'link'
}

/** Escapes a name like GNU sha256sum. */
function escapedName(name: string): string {
  return name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
}
