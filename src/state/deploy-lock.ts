import { sh } from '../target/sh.ts'
import { defineKind } from './definition/kind.ts'
import { defineInspect } from './deployment/insecure-places.ts'
import { longestLock } from './deployment/lock-text.ts'
import { jsonObject } from './parse/json-object.ts'
import { OutputCursor } from './parse/output-cursor.ts'

export interface DeployLockQuestion {
  /** The directory of the locked application. */
  readonly root: string
}

/** The holder of an application's deploy lock. Fields that the lock does not contain are empty. */
export interface LockHolder {
  /** The run that acquired the lock. */
  readonly run: string
  readonly by: string
  /** The time of acquisition, in ISO 8601. */
  readonly since: string
  /** The purpose of the run, such as "deploy v1.2.3". */
  readonly purpose: string
  /** The seconds since the last renewal, by the clock of the host. */
  readonly silent: number
}

declare module './definition/write.ts' {
  interface KindValues {
    'deploy-lock': LockHolder | null
  }
}

/** The deploy lock of an application: a file that names its holder. Its modification time is the last renewal. */
export const deployLock = defineKind<'deploy-lock', DeployLockQuestion>({
  name: 'deploy-lock',
  subject: ({ root }) => root,
  read: (questions) => sh`
    ${defineInspect}
    say_holder() {
      if [ ! -f "$1" ] || [ -h "$1" ]; then return; fi
      case $(inspect "$2" "$2" "$2/deploy") in *insecure) return ;; esac
      # another run may release it concurrently
      if beat=$(stat -c %Y "$1" 2>/dev/null) && holder=$(head -c ${longestLock} "$1" 2>/dev/null); then
        echo "$(($(date +%s) - beat))"
        printf %s "$holder"
      fi
    }
    set -- ${questions.map(({ root }) => root)}
    for root; do
      say_holder "$root/deploy/lock" "$root"
      printf '\\0'
    done
  `,
  parse(output, questions) {
    const cursor = new OutputCursor(output)
    const answers = questions.map(() => parseLock(cursor.until('\0')))
    cursor.end()
    return answers
  },
  livesIn: (root) => [`${root}/deploy`],
})

/** @param text a line with the seconds since the last renewal, then the lock; empty without a lock */
function parseLock(text: string): LockHolder | null {
  if (text === '') return null
  const [silent = '', ...lines] = text.split('\n')
  const { run, by, since, purpose } = jsonObject(lines.join('\n'))
  return {
    ...{ run: textOf(run), by: textOf(by), since: textOf(since), purpose: textOf(purpose) },
    silent: Number(silent),
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
