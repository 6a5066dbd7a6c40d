import { defineKind } from './definition/kind.ts'
import { parsePaths } from './path/answers.ts'
import { possiblePaths } from './path/possible.ts'
import { readPaths } from './path/script.ts'
import { pathDependencies } from './path/touched.ts'
import type { PathQuestion, PathState } from './path/value.ts'

declare module './definition/write.ts' {
  interface KindValues {
    path: PathState
  }
}

export const path = defineKind<'path', PathQuestion>({
  name: 'path',
  subject: (question) => question.path,
  read: readPaths,
  parse: parsePaths,
  dependsOn: pathDependencies((question, answer) => [[question, answer]]),
  possibleAfter: possiblePaths,
})
