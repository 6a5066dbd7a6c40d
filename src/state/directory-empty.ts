import { sh } from '../target/sh.ts'
import { defineKind } from './definition/kind.ts'
import { OutputCursor } from './parse/output-cursor.ts'
import { pathDependencies } from './path/touched.ts'

export interface EmptinessQuestion {
  readonly path: string
}

export interface EmptinessState {
  /** True if the path is a directory, not a symlink, with at least one entry. */
  readonly holds: boolean
}

declare module './definition/write.ts' {
  interface KindValues {
    'directory-empty': EmptinessState
  }
}

export const emptiness = defineKind<'directory-empty', EmptinessQuestion>({
  name: 'directory-empty',
  subject: ({ path }) => path,
  read: (questions) => sh`
    set -- ${questions.map(({ path }) => path)}
    for path do
      if [ -d "$path" ] && ! [ -h "$path" ] && [ -n "$(find "$path/." ! -name . | head -n 1)" ]; then echo holds
      else echo -
      fi
    done
  `,
  parse(output, questions) {
    const cursor = new OutputCursor(output)
    const answers = questions.map(() => {
      const line = cursor.until('\n')
      if (line !== 'holds' && line !== '-') throw new Error(`unexpected answer about a directory: ${line}`)
      return { holds: line === 'holds' }
    })
    cursor.end()
    return answers
  },
  dependsOn: pathDependencies(({ path }) => [[{ path, times: true }, anyDirectory]]),
})

const anyDirectory = { exists: true, type: 'directory', mode: '0755', owner: 'root', group: 'root' } as const
