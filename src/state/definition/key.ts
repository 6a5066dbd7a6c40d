import type { Script } from '../../target/sh.ts'
import type { KindName, ThingWrite, Write } from './write.ts'

declare const valueType: unique symbol

/** A question about a host. Equal ids mean equal answers; equal kinds and subjects mean the same thing on the host. */
export interface Key<Value = unknown> {
  readonly kind: AnyKind
  /** The thing that the question is about, such as "/etc/nginx/nginx.conf". */
  readonly subject: string
  readonly id: string
  readonly question: unknown
  readonly [valueType]?: Value
}

/** One kind of thing on a host: path, package, unit, user, mysql database, … */
export interface Kind<Question, Value> {
  readonly name: KindName
  subject(question: Question): string
  read(questions: readonly Question[]): Script
  parse(output: string, questions: readonly Question[]): readonly Value[]
  livesIn?(subject: string): readonly string[]
  isMomentary?(question: Question): boolean
  isSeenByOthers?(question: Question): boolean
  /** Returns whether an answer may change with this write to another subject. */
  touchedBy(question: Question, write: Write, answer: Value): boolean
  possibleAfter?(question: Question, write: Write, answer: Value): readonly Value[] | undefined
  key(question: Question): Key<Value>
  /** Returns the write that gives the subject of this question the value. */
  write(question: Question, value?: Value): ThingWrite
}

// A key carries a question of its own kind, so the engine can store keys of all kinds together.
export type AnyKind = Kind<unknown, unknown>

/** Returns whether the key is read only when its task runs. */
export function isMomentary({ kind, question }: Key): boolean {
  return kind.isMomentary?.(question) === true
}

export function isSeenByOthers({ kind, question }: Key): boolean {
  return kind.isSeenByOthers?.(question) === true
}

/** The keys that a module needs, by name; a list if their number depends on the parameters. */
export type Reads = Readonly<Record<string, Key | readonly Key[] | undefined>>

/** The values of the keys under the same names. */
export type Values<R extends Reads> = {
  readonly [Name in keyof R]: R[Name] extends Key<infer Value>
    ? Value
    : R[Name] extends readonly Key<infer Value>[]
      ? readonly Value[]
      : R[Name] extends Key<infer Value> | undefined
        ? Value | undefined
        : never
}
