import { sh } from '../target/sh.ts'
import { defineKind } from './definition/kind.ts'
import { defineInspect } from './deployment/insecure-places.ts'
import { longestLock } from './deployment/lock-text.ts'
import { jsonObject } from './parse/json-object.ts'
import { OutputCursor } from './parse/output-cursor.ts'

export interface DeployLockQuestion {
  /** The folder of the application that is locked. */
  readonly root: string
}

/** Who deploys to an application, as its lock says; what the lock does not say is empty. */
export interface LockHolder {
  /** The run that took it. */
  readonly run: string
  readonly by: string
  /** ISO 8601. */
  readonly since: string
  /** What the holder does, e.g. "deploy v1.2.3". */
  readonly purpose: string
  /** Seconds since it last gave a sign of life, by the clock of the host. */
  readonly silent: number
}

declare module './definition/write.ts' {
  interface KindValues {
    'deploy-lock': LockHolder | null
  }
}

/** The lock of an application's deploys: a file that says who holds it, and whose time tells the last sign of life. */
export const deployLock = defineKind<'deploy-lock', DeployLockQuestion>({
  name: 'deploy-lock',
  subject: ({ root }) => root,
  read: (questions) => sh`
    ${defineInspect}
    say_holder() {
      if [ ! -f "$1" ] || [ -h "$1" ]; then return; fi
      case $(inspect "$2" "$2" "$2/deploy") in *insecure) return ;; esac
      # it may be given back at this very moment
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

/** @param text the seconds of silence on a line, then what the lock says; empty: there is none */
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
