import { z } from 'zod'

import { UserError } from '../../errors.ts'
import { onDisk, readIfThere, replaceFile } from '../state-folder.ts'

/** What became of a tag. */
const outcome = z.enum([
  // there before the watch began, or not one of those that are deployed
  'seen',
  'deployed',
  'failed',
  // the signature does not count
  'refused',
  // tried again at the next poll
  'postponed',
])

const rememberedTag = z.strictObject({
  sha: z.string(),
  outcome,
  /** Where it pointed when it was last reported as moved. */
  movedTo: z.string().optional(),
})

const content = z.strictObject({ url: z.string(), tags: z.array(z.tuple([z.string(), rememberedTag])) })

export type Outcome = z.infer<typeof outcome>
export type RememberedTag = Readonly<z.infer<typeof rememberedTag>>

/** Everything that a watch remembers about one repository, in a file that is always whole. */
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
    const text = await onDisk('read what the watch remembers', () => readIfThere(file))
    if (text === undefined) return new WatchState(file, url)
    const state = parse(file, text)
    if (state.url === url) return new WatchState(file, url, state.tags)
    throw new UserError(`${file} is about ${state.url}, not about ${url}`, {
      hint: 'give each watch a file of its own',
    })
  }

  /** Whether nothing was ever remembered. */
  get isNew(): boolean {
    return this.#isNew
  }

  get(tag: string): RememberedTag | undefined {
    return this.#tags.get(tag)
  }

  async remember(tags: Iterable<readonly [string, RememberedTag]>): Promise<void> {
    for (const [tag, remembered] of tags) this.#tags.set(tag, remembered)
    const text = JSON.stringify({ url: this.#url, tags: [...this.#tags] }, null, 2)
    await onDisk('remember tags', () => replaceFile(this.#file, `${text}\n`))
    this.#isNew = false
  }
}

function parse(file: string, text: string): z.infer<typeof content> {
  try {
    return content.parse(JSON.parse(text))
  } catch (error) {
    throw new UserError(`${file} is not what a watch has written`, {
      hint: 'remove it to begin anew: the tags that are there then are remembered, not deployed',
      cause: error,
    })
  }
}
