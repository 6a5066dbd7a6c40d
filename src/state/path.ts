import { defineKind } from './definition/key.ts'
import { parsePaths } from './path/answers.ts'
import { possiblePaths } from './path/possible.ts'
import { readPaths } from './path/script.ts'
import { pathTouchedBy } from './path/touched.ts'
import type { PathQuestion, PathState } from './path/value.ts'

export const path = defineKind<PathQuestion, PathState>({
  name: 'path',
  subject: (question) => question.path,
  read: readPaths,
  parse: parsePaths,
  touchedBy: pathTouchedBy,
  possibleAfter: possiblePaths,
})
