import { z } from 'zod'

import { UserError } from '../../errors.ts'
import { onDisk, readIfThere, replaceFile } from '../state-folder.ts'

const outcome = z.enum([
  // existed before the watch started, or matches no pattern
  'seen',
  'deployed',
  'failed',
  // has no trusted signature
  'refused',
  // will be retried at the next poll
  'postponed',
])

const rememberedTag = z.strictObject({
  sha: z.string(),
  outcome,
  /** The commit that the tag pointed to when it was last reported as moved. */
  movedTo: z.string().optional(),
})

const content = z.strictObject({ url: z.string(), tags: z.array(z.tuple([z.string(), rememberedTag])) })

export type Outcome = z.infer<typeof outcome>
export type RememberedTag = Readonly<z.infer<typeof rememberedTag>>

/** The tags of one repository that a watch has seen, in a file that is replaced atomically. */
export class WatchState {
  readonly #file: string
  readonly #url: string
  readonly #tags: Map<string, RememberedTag>
  #isNew: boolean

  private constructor(file: string, url: string, tags?: Iterable<readonly [string, RememberedTag]>) {
    this.#file = file
    this.#url = url
    this.#tags = new Map(tags ?? [])
    this.#isNew = tags === undefined
  }

  static async read(file: string, url: string): Promise<WatchState> {
    const text = await onDisk('read the state of the watch', () => readIfThere(file))
    if (text === undefined) return new WatchState(file, url)
    const state = parse(file, text)
    if (state.url === url) return new WatchState(file, url, state.tags)
    throw new UserError(`${file}: contains the state of the watch of ${state.url}, not of ${url}`, {
      hint: 'use another --state-file for each watch',
    })
  }

  /** True until tags are remembered for the first time. */
  get isNew(): boolean {
    return this.#isNew
  }

  get(tag: string): RememberedTag | undefined {
    return this.#tags.get(tag)
  }

  async remember(tags: Iterable<readonly [string, RememberedTag]>): Promise<void> {
    for (const [tag, remembered] of tags) this.#tags.set(tag, remembered)
    const text = JSON.stringify({ url: this.#url, tags: [...this.#tags] }, null, 2)
    await onDisk('write the state of the watch', () => replaceFile(this.#file, `${text}\n`))
    this.#isNew = false
  }
}

function parse(file: string, text: string): z.infer<typeof content> {
  try {
    return content.parse(JSON.parse(text))
  } catch (error) {
    throw new UserError(`${file}: invalid state file of a watch`, {
      hint: 'remove it to start over; tags that exist then are not deployed',
      cause: error,
    })
  }
}
