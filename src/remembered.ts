import { hash } from 'node:crypto'

/** Keeps results from run to run, by the SHA-256 of their inputs. */
export interface ResultStore {
  get(digest: string): unknown
  add(digest: string, result: unknown): void
}

let store: ResultStore | undefined

/** Makes `remembered` take results from the store, and add others to it. */
export function rememberResults(where: ResultStore | undefined): void {
  store = where
}

interface Computation<Result> {
  /** Names the computation. Its result must depend on the input only, and be the same after JSON. */
  readonly name: string
  readonly input: string
  readonly compute: () => Result
  /** Returns whether the result may be written to the disk. */
  readonly mayBeKept: (result: Result) => boolean
}

/** Returns the result of a computation, from an earlier run if possible. */
export function remembered<Result>({ name, input, compute, mayBeKept }: Computation<Result>): Result {
  if (store === undefined) return compute()
  // As JSON, because UTF-8 has no code for half of a surrogate pair.
  const digest = hash('sha256', `${name}\n${JSON.stringify(input)}`, 'base64')
  const known = store.get(digest)
  // Only this program writes the store, and the digest includes the name of the computation.
  if (known !== undefined) return known as Result
  const result = compute()
  if (mayBeKept(result)) store.add(digest, result)
  return result
}
