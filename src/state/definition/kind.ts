import type { Script } from '../../target/sh.ts'
import { type Dependencies, isTouched } from './dependencies.ts'
import type { AnyKind, Kind } from './key.ts'
import type { KindName, KindValues, ThingWrite, Write } from './write.ts'

export interface KindDefinition<Name extends KindName, Question> {
  readonly name: Name
  subject(question: Question): string
  /** Returns one script that answers all questions with as few processes as possible and changes nothing. */
  read(questions: readonly Question[]): Script
  /** Returns the answers in the order of the questions. Throws on unexpected output. */
  parse(output: string, questions: readonly Question[]): readonly KindValues[Name][]
  /** True if the answer is valid only while the task runs: it is never read ahead, and once for each task. */
  isMomentary?(question: Question): boolean
  /** True if others can see the reading, such as a request. A dry run then does not read after a predicted change. */
  isSeenByOthers?(question: Question): boolean
  /** Returns the directories and files that may change with a thing of this kind. Without the method: any path. */
  livesIn?(subject: string): readonly string[]
  /** The writes that may change answers; all writes if missing. */
  readonly dependsOn?: Dependencies<Question, KindValues[Name]>
  /**
   * Returns, for dry runs, all answers that are possible after a write that may change the answer. If the current
   * answer is possible, it comes first. Without the method, or if it returns undefined, the answer is unknown.
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

/** Returns the directories and files that a write may change; undefined means any path. */
export function pathsOf({ kind, subject }: ThingWrite): readonly string[] | undefined {
  return kinds.get(kind)?.livesIn?.(subject)
}
