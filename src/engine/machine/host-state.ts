import { isSeenByOthers, type Key } from '../../state/definition/key.ts'
import type { Write } from '../../state/definition/write.ts'

/** The answer for a key: its value, its possible values (`open`), unknown in a dry run, or not read yet. */
export type Knowledge =
  | { readonly type: 'value'; readonly value: unknown }
  | { readonly type: 'open'; readonly values: readonly unknown[]; readonly until: string }
  | { readonly type: 'unknown'; readonly until: string }
  | { readonly type: 'unread' }

interface Answer {
  readonly key: Key
  readonly value: unknown
  /** Bytes of memory. */
  readonly size: number
}

/** How often other writes must make an answer stale until it counts as short-lived. */
const staleTooOften = 2

const unread: Knowledge = { type: 'unread' }

/**
 * The answers of a host that are not stale and, in a dry run, the predicted writes of the tasks so far.
 * Answers are stored per user, because users have different permissions.
 */
export class HostState {
  readonly #answers = new Map<string | undefined, Map<string, Answer>>()
  #size = 0
  /** How often a write to something else made the answer stale. */
  readonly #timesStale = new Map<string, number>()
  /** The predicted writes, grouped by task. A write to a key takes precedence over others of its group. */
  readonly #predictions: (readonly Write[])[] = []

  know(user: string | undefined, key: Key, value: unknown, size = 0): void {
    const answers = this.#answers.get(user) ?? new Map<string, Answer>()
    this.#answers.set(user, answers)
    this.#size += size - (answers.get(key.id)?.size ?? 0)
    answers.set(key.id, { key, value, size })
  }

  /** Bytes of memory that the answers occupy. */
  get size(): number {
    return this.#size
  }

  lookUp(user: string | undefined, key: Key): Knowledge {
    const answer = this.#answers.get(user)?.get(key.id)
    const seen: Knowledge =
      answer === undefined ? this.#unreadKey(key) : { type: 'value', value: answer.value }
    return this.#predictions.reduce((known, writes) => afterWrites(key, writes, known), seen)
  }

  /** A dry run sends no request that others can see if an earlier task would change something. */
  #unreadKey(key: Key): Knowledge {
    const first = this.#predictions.flat()[0]
    return first === undefined || !isSeenByOthers(key)
      ? unread
      : { type: 'unknown', until: describeUntil(first) }
  }

  /** Returns the last answer of the host, without predictions. */
  lastSeen(user: string | undefined, key: Key): unknown {
    return this.#answers.get(user)?.get(key.id)?.value
  }

  /** Drops every answer that one of these writes may have made stale. Returns the number of dropped answers. */
  forget(writes: readonly Write[]): number {
    let dropped = 0
    for (const answers of this.#answers.values()) {
      for (const { key, value } of answers.values()) {
        if (!writes.some((write) => mayTouch(write, key, value))) continue
        this.#drop(answers, key)
        dropped += 1
        if (!writes.some((write) => isAbout(write, key)))
          this.#timesStale.set(key.id, (this.#timesStale.get(key.id) ?? 0) + 1)
      }
    }
    return dropped
  }

  /** Returns whether writes to other things have made the answer stale so often that reading it early is in vain. */
  isShortLived({ id }: Key): boolean {
    return (this.#timesStale.get(id) ?? 0) >= staleTooOften
  }

  /** Drops the answers for these keys only. */
  forgetAnswers({ user, keys }: { user: string | undefined; keys: readonly Key[] }): void {
    const answers = this.#answers.get(user)
    if (answers !== undefined) for (const key of keys) this.#drop(answers, key)
  }

  forgetEverything(): void {
    this.#answers.clear()
    this.#timesStale.clear()
    this.#size = 0
  }

  #drop(answers: Map<string, Answer>, { id }: Key): void {
    this.#size -= answers.get(id)?.size ?? 0
    answers.delete(id)
  }

  /** Adds writes that a dry run assumes to be done. */
  predict(writes: readonly Write[]): void {
    this.#predictions.push(writes)
  }

  get predicting(): boolean {
    return this.#predictions.length > 0
  }
}

function isAbout(write: Write, key: Key): boolean {
  return write.type === 'thing' && write.kind === key.kind.name && write.subject === key.subject
}

/**
 * Returns whether a write of a real run may have made an answer stale. Scripts of packages and services may do anything
 * that a command may do; the narrower rules are for the predictions of a dry run.
 */
function mayTouch(write: Write, key: Key, value: unknown): boolean {
  return touches(write.type === 'scope' ? { ...write, scope: 'anything' } : write, key, value)
}

function touches(write: Write, key: Key, value: unknown): boolean {
  return isAbout(write, key) || key.kind.touchedBy(key.question, write, value)
}

/** Returns what is known about a key after these writes. An unread key stays unread after writes to other things. */
function afterWrites(key: Key, writes: readonly Write[], before: Knowledge): Knowledge {
  const own = writes.find((write) => isAbout(write, key))
  if (own?.type === 'thing') {
    if ('value' in own) return { type: 'value', value: own.value }
    const until = describeUntil(own)
    return own.values === undefined ? { type: 'unknown', until } : { type: 'open', values: own.values, until }
  }
  return writes.reduce((known, write) => afterElsewhere(key, write, known), before)
}

/** Returns what is known about a key after a write to another thing. */
function afterElsewhere(key: Key, write: Write, before: Knowledge): Knowledge {
  if (before.type === 'unread' || before.type === 'unknown') return before
  const present = before.type === 'open' ? before.values : [before.value]
  const possible = new Map<string, unknown>()
  for (const value of present) {
    for (const variant of variantsOf(write)) {
      const values = touches(variant, key, value)
        ? key.kind.possibleAfter?.(key.question, variant, value)
        : [value]
      if (values === undefined) return { type: 'unknown', until: describeUntil(write) }
      for (const one of values) possible.set(JSON.stringify(one), one)
    }
  }
  const values = [...possible.values()]
  if (values.length === present.length && values.every((value) => present.includes(value))) return before
  const until = before.type === 'open' ? before.until : describeUntil(write)
  return values.length === 1 ? { type: 'value', value: values[0] } : { type: 'open', values, until }
}

function variantsOf(write: Write): readonly Write[] {
  if (write.type === 'scope' || write.values === undefined) return [write]
  const { type, kind, subject } = write
  return write.values.map((value) => ({ type, kind, subject, value }))
}

function describeUntil(write: Write): string {
  if (write.type === 'scope') return write.until
  return write.until ?? `${write.kind} ${write.subject} is written`
}
