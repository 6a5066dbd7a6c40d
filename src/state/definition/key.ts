import type { Script } from '../../target/sh.ts'

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

/** What was or will be written to a host: one thing, with its new value where that is known, or everything in a scope. */
export type Write = ThingWrite | ScopeWrite

export interface ThingWrite {
  readonly type: 'thing'
  readonly kind: string
  readonly subject: string
  /** Complete: it answers every question about the subject. Missing: something, but nobody can say what. */
  readonly value?: unknown
  /** In a dry run: it will have one of these values. */
  readonly values?: readonly unknown[]
  /** Where the value is missing: when it will be known, as in ScopeWrite. */
  readonly until?: string
}

export interface ScopeWrite {
  readonly type: 'scope'
  /**
   * 'packages': what an installation or removal of packages may touch, which by Debian's policy is
   * everything but /srv, /home, /root, /opt and /usr/local. 'services': what a started or stopped service may touch:
   * processes, sockets and files under /run, /var and /tmp. 'anything': what a command may do.
   */
  readonly scope: 'packages' | 'services' | 'anything'
  /** When what it touched will be known, as the end of "unknown until …", e.g. "nginx is installed". */
  readonly until: string
}

export interface KindDefinition<Question, Value> {
  readonly name: string
  subject(question: Question): string
  /** One script that answers all these questions with as few processes as possible and changes nothing. */
  read(questions: readonly Question[]): Script
  /** The answers, in the order of the questions. Throws when it meets output that it does not know. */
  parse(output: string, questions: readonly Question[]): readonly Value[]
  /**
   * Whether an answer may be another one after this write, which is not to this very subject.
   * Without the method: always. It may err only on the side of yes.
   */
  touchedBy?(question: Question, write: Write, answer: Value): boolean
  /**
   * For dry runs, where `touchedBy` says yes: every answer that is possible after the write, the present one
   * first if it can stay. Without the method, or undefined: nobody can say.
   */
  possibleAfter?(question: Question, write: Write, answer: Value): readonly Value[] | undefined
}

/** One kind of thing on a host: path, package, unit, user, mysql database, … */
export interface Kind<Question, Value> extends KindDefinition<Question, Value> {
  key(question: Question): Key<Value>
  /** That the subject of this question now is, or will be, so. */
  write(question: Question, value?: Value): ThingWrite
}

// The engine holds kinds of all sorts side by side; a key carries the question that belongs to its kind.
export type AnyKind = Kind<unknown, unknown>

export function defineKind<Question, Value>(
  definition: KindDefinition<Question, Value>,
): Kind<Question, Value> {
  const kind: Kind<Question, Value> = {
    ...definition,
    key: (question) => ({
      kind,
      subject: definition.subject(question),
      id: `${definition.name} ${JSON.stringify(question)}`,
      question,
    }),
    write: (question, value) => ({
      type: 'thing',
      kind: definition.name,
      subject: definition.subject(question),
      ...(value === undefined ? {} : { value }),
    }),
  }
  return kind
}

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
