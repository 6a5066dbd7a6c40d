import type { Key, Write } from '../state/key.ts'

/** What is known about a key: its value, that it cannot be known in a dry run, or nothing yet. */
export type Knowledge =
  | { readonly type: 'value'; readonly value: unknown }
  | { readonly type: 'unknown'; readonly until: string }
  | { readonly type: 'unread' }

interface Answer {
  readonly key: Key
  readonly value: unknown
}

const unread: Knowledge = { type: 'unread' }

/**
 * What was read from one host and is still true, and, in a dry run, what the tasks so far would have made of it.
 * Answers are kept by the user who asked: what one may not read, another may.
 */
export class HostState {
  readonly #answers = new Map<string, Answer>()
  readonly #predictions: Write[] = []

  know(user: string | undefined, key: Key, value: unknown): void {
    this.#answers.set(answerId(user, key), { key, value })
  }

  lookUp(user: string | undefined, key: Key): Knowledge {
    const answer = this.#answers.get(answerId(user, key))
    for (const write of this.#predictions.toReversed()) {
      const predicted = foretell(key, write, answer)
      if (predicted !== undefined) return predicted
    }
    return answer === undefined ? unread : { type: 'value', value: answer.value }
  }

  /** Drops every answer that one of these writes may have made untrue. Returns how many. */
  forget(writes: readonly Write[]): number {
    let dropped = 0
    for (const [id, { key, value }] of this.#answers) {
      if (writes.some((write) => touches(write, key, value))) {
        this.#answers.delete(id)
        dropped += 1
      }
    }
    return dropped
  }

  /** Drops what was read for these keys, and nothing else. */
  forgetAnswers({ user, keys }: { user: string | undefined; keys: readonly Key[] }): void {
    for (const key of keys) this.#answers.delete(answerId(user, key))
  }

  forgetEverything(): void {
    this.#answers.clear()
  }

  /** In a dry run: from now on these things are so. */
  predict(writes: readonly Write[]): void {
    this.#predictions.push(...writes)
  }

  get predicting(): boolean {
    return this.#predictions.length > 0
  }
}

function answerId(user: string | undefined, key: Key): string {
  return `${user ?? ''} ${key.id}`
}

function isAbout(write: Write, key: Key): boolean {
  return write.type === 'thing' && write.kind === key.kind.name && write.subject === key.subject
}

function touches(write: Write, key: Key, value: unknown): boolean {
  return isAbout(write, key) || (key.kind.touchedBy?.(key.question, write, value) ?? true)
}

function foretell(key: Key, write: Write, answer: Answer | undefined): Knowledge | undefined {
  if (isAbout(write, key)) {
    return 'value' in write
      ? { type: 'value', value: write.value }
      : { type: 'unknown', until: describeUntil(write) }
  }
  // Without the answer nobody can say what a write to something else does to it: it is read first.
  if (answer === undefined) return unread
  return touches(write, key, answer.value) ? { type: 'unknown', until: describeUntil(write) } : undefined
}

function describeUntil(write: Write): string {
  return write.type === 'scope' ? write.until : `${write.kind} ${write.subject} is made`
}
