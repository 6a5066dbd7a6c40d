import { sh } from '../target/sh.ts'
import { defineKind } from './key.ts'
import { OutputCursor } from './output-cursor.ts'

export interface DeployedRevisionQuestion {
  /** The folder of the application. */
  readonly root: string
  /** e.g. "refs/tags/v1.2.3" */
  readonly reference: string
}

/** The commit that was live last under this name, as the journal on the host remembers it; null if none ever was. */
export const deployedRevision = defineKind<DeployedRevisionQuestion, string | null>({
  name: 'deployed-revision',
  subject: ({ root, reference }) => `${reference} in ${root}`,
  read: (questions) => sh`
    look_up() {
      grep -F -e '"event":"live"' "$1/deploy/journal.jsonl" 2>/dev/null | grep -F -e "$2" | tail -n 1
      printf '\\0'
    }
    set -- ${questions.flatMap(({ root, reference }) => [root, `"reference":${JSON.stringify(reference)}`])}
    while [ $# -gt 0 ]; do
      look_up "$1" "$2"
      shift 2
    done
  `,
  parse(output, questions) {
    const cursor = new OutputCursor(output)
    const answers = questions.map(() => revisionOf(cursor.until('\0')))
    cursor.end()
    return answers
  },
  touchedBy: ({ root }, write) =>
    write.type === 'scope' ? false : write.kind === 'deployment' ? write.subject === root : false,
})

function revisionOf(line: string): string | null {
  if (line.trim() === '') return null
  const { revision } = JSON.parse(line) as { revision?: unknown }
  return typeof revision === 'string' ? revision : null
}
