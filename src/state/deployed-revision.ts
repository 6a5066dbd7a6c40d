import { sh } from '../target/sh.ts'
import { defineKind } from './definition/kind.ts'
import { defineInspect } from './deployment/insecure-places.ts'
import { jsonObject } from './parse/json-object.ts'
import { OutputCursor } from './parse/output-cursor.ts'

export interface DeployedRevisionQuestion {
  /** The directory of the application. */
  readonly root: string
  /** The full name, such as "refs/tags/v1.2.3". */
  readonly reference: string
}

/** The bytes at the end of a journal that are searched: about ten thousand deploys. */
const longestJournal = 16 * 1024 * 1024

/** The maximum bytes of a line. */
const longestLine = 65_536

declare module './definition/write.ts' {
  interface KindValues {
    'deployed-revision': string | null
  }
}

/** The commit that was last live under this name, according to the journal on the host; null if there was none. */
export const deployedRevision = defineKind<'deployed-revision', DeployedRevisionQuestion>({
  name: 'deployed-revision',
  subject: ({ root, reference }) => `${reference} in ${root}`,
  // Incomplete lines, which a crash or a full disk may leave, are ignored.
  read: (questions) => sh`
    ${defineInspect}
    look_up() {
      journal=$1/deploy/journal.jsonl
      if [ ! -f "$journal" ] || [ -h "$journal" ]; then return; fi
      case $(inspect "$1" "$1" "$1/deploy") in *insecure) return ;; esac
      tail -c ${longestJournal} "$journal" | tr -d '\\000' | grep -e '"event":"live".*}$' | grep -F -e "$2" | tail -n 1 | head -c ${longestLine}
    }
    set -- ${questions.flatMap(({ root, reference }) => [root, `"reference":${JSON.stringify(reference)}`])}
    while [ $# -gt 0 ]; do
      look_up "$1" "$2"
      printf '\\0'
      shift 2
    done
  `,
  parse(output, questions) {
    const cursor = new OutputCursor(output)
    const answers = questions.map(() => revisionOf(cursor.until('\0')))
    cursor.end()
    return answers
  },
  dependsOn: {
    scopes: ['anything'],
    kinds: { deployment: ({ subject }, { root }) => subject === root },
  },
  possibleAfter: (_question, write, answer) => (write.type === 'scope' ? [answer] : undefined),
})

function revisionOf(line: string): string | null {
  const { revision } = jsonObject(line)
  return typeof revision === 'string' ? revision : null
}
