import type { Script } from '../../target/sh.ts'
import { type Dependencies, isTouched } from './dependencies.ts'
import type { AnyKind, Kind } from './key.ts'
import type { KindName, KindValues, ThingWrite, Write } from './write.ts'

export interface KindDefinition<Name extends KindName, Question> {
  readonly name: Name
  subject(question: Question): string
  /** One script that answers all these questions with as few processes as possible and changes nothing. */
  read(questions: readonly Question[]): Script
  /** The answers, in the order of the questions. Throws when it meets output that it does not know. */
  parse(output: string, questions: readonly Question[]): readonly KindValues[Name][]
  /** The paths, with all that is below them, that change with a thing of this kind. Without the method: any path. */
  livesIn?(subject: string): readonly string[]
  /** Without it, every write may change every answer. */
  readonly dependsOn?: Dependencies<Question, KindValues[Name]>
  /**
   * For dry runs, where a write may change an answer: every answer that is possible after it, the present one
   * first if it can stay. Without the method, or undefined: nobody can say.
   */
  possibleAfter?(
    question: Question,
    write: Write,
    answer: KindValues[Name],
  ): readonly KindValues[Name][] | undefined
}

const kinds = new Map<KindName, AnyKind>()

export function defineKind<Name extends KindName, Question>({
  dependsOn,
  ...definition
}: KindDefinition<Name, Question>): Kind<Question, KindValues[Name]> {
  const kind: Kind<Question, KindValues[Name]> = {
    ...definition,
    touchedBy: (question, write, answer) =>
      dependsOn === undefined || isTouched(dependsOn, question, write, answer),
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
  kinds.set(definition.name, kind)
  return kind
}

/** The paths that a write changes, with all that is below them; undefined: it may be any path. */
export function pathsOf({ kind, subject }: ThingWrite): readonly string[] | undefined {
  return kinds.get(kind)?.livesIn?.(subject)
}
