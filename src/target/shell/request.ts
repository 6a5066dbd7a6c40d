import type { Script } from '../sh.ts'
import { MeasuredFile } from './measured-file.ts'

export interface Request {
  readonly id: number
  readonly scripts: readonly Script[]
  readonly timeLimit: number
  readonly guard?: Script
}

/** What must be written without anything in between. */
export interface Frame {
  readonly pieces: readonly Buffer[]
  /** With this one the host has all of the batch, and runs it. */
  readonly starts: boolean
}

/** The bytes after which a request to cancel may come. Every host that is sent a file costs that much memory. */
export const partSize = 256 * 1024

/** From here on an attachment lies on the host's disk instead of in its memory. */
export const largeSize = 8 * 1024 * 1024

/**
 * A batch on its way: what is small in one frame, the rest in parts, read as they are wanted. Throws UserError where
 * a file of the controller can't be read or changes: before the first frame, or instead of the one that starts the batch.
 */
export async function* framesOf(request: Request): AsyncGenerator<Frame> {
  const { id, timeLimit } = request
  const words = ['run', id, Math.ceil(timeLimit)]
  const bodies: Buffer[] = []
  const later: Item[] = []
  let room = partSize
  for (const item of await itemsOf(request)) {
    const { announcement, source } = item
    const body = Buffer.isBuffer(source) && source.length <= room ? source : undefined
    words.push(...announcement(body?.length ?? 0))
    if (body === undefined) later.push(item)
    else bodies.push(body)
    room -= body?.length ?? 0
  }
  const head = [line(...words), ...bodies]
  const go = line('go', id)
  if (later.length === 0) {
    yield { pieces: [Buffer.concat([...head, go])], starts: true }
    return
  }
  yield { pieces: [Buffer.concat(head)], starts: false }
  for (const { file, source } of later) {
    for await (const piece of piecesOf(source))
      yield { pieces: [line('part', file, piece.length), piece], starts: false }
  }
  yield { pieces: [go], starts: true }
}

/** A file that the host makes for the batch. */
interface Item {
  /** Where, seen from the session's directory. */
  readonly file: string
  readonly source: Buffer | MeasuredFile
  /** The words for it when so many of its bytes follow at once. */
  readonly announcement: (size: number) => (string | number)[]
}

async function itemsOf({ id, scripts, guard }: Request): Promise<Item[]> {
  const items: Item[] = guard === undefined ? [] : [guardItem(id, guard)]
  for (const [index, { text, attachments }] of scripts.entries()) {
    const script = `${id}.${index}`
    items.push({ file: script, source: Buffer.from(text), announcement: (size) => ['s', size] })
    for (const [name, content] of attachments) {
      const source = Buffer.isBuffer(content) ? content : await MeasuredFile.measure(content)
      const isLarge = (Buffer.isBuffer(source) ? source.length : source.size) >= largeSize
      items.push({
        file: `${script}.files/${name}`,
        source,
        announcement: (size) => (isLarge ? ['d', name] : ['a', name, size]),
      })
    }
  }
  return items
}

function guardItem(id: number, { text, attachments }: Script): Item {
  if (attachments.size > 0) throw new Error('a guard has no attachments')
  return { file: `${id}.guard`, source: Buffer.from(text), announcement: (size) => ['g', size] }
}

async function* piecesOf(source: Buffer | MeasuredFile): AsyncGenerator<Buffer> {
  if (!Buffer.isBuffer(source)) yield* source.pieces(partSize)
  else
    for (let start = 0; start < source.length; start += partSize)
      yield source.subarray(start, start + partSize)
}

function line(...words: readonly (string | number)[]): Buffer {
  return Buffer.from(`${words.join(' ')}\n`)
}
