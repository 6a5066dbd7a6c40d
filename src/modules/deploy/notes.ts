import { lockText } from '../../state/deployment/lock-text.ts'
import { sh, type Script } from '../../target/sh.ts'
import { absolutePath, nameParam } from '../definition/parameters.ts'

/** The parameters of all modules that change a deployment. */
export const deployParams = {
  root: absolutePath,
  run: nameParam,
}

export const deploySentences = {
  root: "Absolute path of the application's directory.",
  run: 'Id of the run that holds the deploy lock.',
} as const

/** One line of the journal on the host. */
export interface JournalEntry {
  readonly event: string
  readonly run: string
  readonly release?: string
  readonly [detail: string]: unknown
}

/** Appends a line to the journal, with the time of the host. It first ends a line that a full disk cut off. */
export function journal(root: string, entry: JournalEntry): Script {
  const file = `${root}/deploy/journal.jsonl`
  const rest = JSON.stringify(entry).slice(1)
  return sh`
    if [ -e ${file} ] && [ ! -f ${file} ]; then
      printf '%s\\n' ${`${file} is not a regular file`} >&2
      exit 1
    fi
    if [ -n "$(tail -c 1 ${file} 2>/dev/null)" ]; then echo >>${file}; fi
    printf '{"time":"%s",%s\\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" ${rest} >>${file}
  `
}

/** Fails the script unless this run holds the lock: another run may be deploying. */
export function demandLock(root: string, run: string): Script {
  return sh`
    case $(${lockText(`${root}/deploy/lock`)}) in
      *${runMark(run)}*) ;;
      *)
        printf '%s\\n' ${`this run does not hold the deploy lock of ${root}: nothing was changed`} >&2
        exit 1
        ;;
    esac
  `
}

/** Returns the part of a lock's text that identifies the run. */
export function runMark(run: string): string {
  return `"run":${JSON.stringify(run)}`
}

/** Writes the state of a release to its file, and replaces the file in one rename. */
export function noteState(root: string, id: string, state: string): Script {
  const note = `${root}/deploy/states/${id}`
  return sh`
    mkdir -p ${`${root}/deploy/states`}
    printf '%s %s\\n' ${state} "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >${`${note}.new`}
    mv -f ${`${note}.new`} ${note}
  `
}
