import type { Script } from '../../target/sh.ts'
import type { KindName, ThingWrite, Write } from './write.ts'

declare const valueType: unique symbol

/** A question to a host. Two keys with the same id get the same answer; keys with the same kind and subject are about the same thing. */
export interface Key<Value = unknown> {
  readonly kind: AnyKind
  /** What it is about, e.g. "/etc/nginx/nginx.conf". */
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
  /** Whether an answer may be another one after this write, which is not to this very subject. */
  touchedBy(question: Question, write: Write, answer: Value): boolean
  possibleAfter?(question: Question, write: Write, answer: Value): readonly Value[] | undefined
  key(question: Question): Key<Value>
  /** That the subject of this question now is, or will be, so. */
  write(question: Question, value?: Value): ThingWrite
}

// The engine holds kinds of all sorts side by side; a key carries the question that belongs to its kind.
export type AnyKind = Kind<unknown, unknown>

/** The keys that a module must know, by name; a list where their number depends on the parameters. */
export type Reads = Readonly<Record<string, Key | readonly Key[] | undefined>>

/** The values of such keys under the same names. */
export type Values<R extends Reads> = {
  readonly [Name in keyof R]: R[Name] extends Key<infer Value>
    ? Value
    : R[Name] extends readonly Key<infer Value>[]
      ? readonly Value[]
      : R[Name] extends Key<infer Value> | undefined
        ? Value | undefined
        : never
}
