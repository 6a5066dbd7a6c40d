import { defineKind } from './definition/kind.ts'
import { parsePaths } from './path/answers.ts'
import { readPaths } from './path/script.ts'
import { pathDependencies } from './path/touched.ts'
import type { PathQuestion, PathState } from './path/value.ts'

export interface ListingQuestion {
  readonly directory: string
  /** The paths relative to the directory; the empty path is the directory itself. */
  readonly entries: readonly string[]
}

declare module './definition/write.ts' {
  interface KindValues {
    'directory-listing': readonly PathState[]
  }
}

/** The states of many paths in one directory, with the hashes of files. */
export const listing = defineKind<'directory-listing', ListingQuestion>({
  name: 'directory-listing',
  subject: ({ directory }) => directory,
  read: (questions) => readPaths(questions.flatMap(pathQuestions)),
  parse(output, questions) {
    const states = parsePaths(output, questions.flatMap(pathQuestions))
    return questions.map(({ entries }) => states.splice(0, entries.length))
  },
  dependsOn: pathDependencies((question, answer) =>
    pathQuestions(question).map((one, index) => [one, answer[index] ?? { exists: false }]),
  ),
})

function pathQuestions({ directory, entries }: ListingQuestion): PathQuestion[] {
  return entries.map((entry) => ({ path: entry === '' ? directory : `${directory}/${entry}`, sha256: true }))
}
