import { sh } from '../target/sh.ts'
import { defineKind } from './definition/kind.ts'
import { OutputCursor } from './parse/output-cursor.ts'
import { type Access, accessFormat, parseAccess } from './path/attributes.ts'
import { pathDependencies } from './path/touched.ts'

export interface TreeQuestion {
  readonly path: string
}

/** The number of entries of a tree with the same type, mode and owner. */
export interface TreeEntries extends Access {
  readonly count: number
}

/** The types, modes and owners in a tree, including its root. Symlinks are not followed. */
export interface TreeState {
  readonly entries: readonly TreeEntries[]
}

declare module './definition/write.ts' {
  interface KindValues {
    'directory-types': TreeState
  }
}

export const tree = defineKind<'directory-types', TreeQuestion>({
  name: 'directory-types',
  subject: ({ path }) => path,
  read: (questions) => sh`
    set -- ${questions.map(({ path }) => path)}
    for path do
      if [ -d "$path" ]; then
        find "$path/." -exec stat -c ${accessFormat} {} + | sort | uniq -c
      fi
      printf '\\0'
    done
  `,
  parse(output, questions) {
    const cursor = new OutputCursor(output)
    const answers = questions.map(() => ({
      entries: cursor
        .until('\0')
        .split('\n')
        .filter((line) => line !== '')
        .map(entriesOf),
    }))
    cursor.end()
    return answers
  },
  dependsOn: pathDependencies(({ path }) => [
    [
      { path, times: true },
      { exists: true, type: 'directory', mode: '0755' },
    ],
  ]),
})

function entriesOf(line: string): TreeEntries {
  const [, count, access] = /^ *(\d+) (.*)$/.exec(line) ?? []
  if (count === undefined || access === undefined)
    throw new Error(`unexpected line about a directory tree: ${line}`)
  return { ...parseAccess(access), count: Number(count) }
}
