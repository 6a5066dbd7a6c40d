import type { Script } from '../sh.ts'
import { MeasuredFile } from './measured-file.ts'

export interface Request {
  readonly id: number
  readonly scripts: readonly Script[]
  readonly timeLimit: number
  readonly guard?: Script
}

/** Bytes that must be written without a request to cancel in between. */
export interface Frame {
  readonly pieces: readonly Buffer[]
  /** True for the last frame, which starts the batch on the host. */
  readonly starts: boolean
}

/** The maximum bytes between two possible requests to cancel; also the memory for each host that receives a file. */
export const partSize = 256 * 1024

/** The size of attachments that are stored on the host's disk instead of in its memory. */
export const largeSize = 8 * 1024 * 1024

/**
 * Yields the frames of a batch: small files together in one frame, the rest in parts that are read on demand. Throws
 * UserError if a file on the controller cannot be read or changes, always before the frame that starts the batch.
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

/** A file that the host creates for the batch. */
interface Item {
  /** The path in the session's directory. */
  readonly file: string
  readonly source: Buffer | MeasuredFile
  /** Returns the words that announce the file, of which `size` bytes follow in the same frame. */
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
