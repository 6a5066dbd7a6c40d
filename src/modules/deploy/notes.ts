import { lockText } from '../../state/deployment/lock-text.ts'
import { sh, type Script } from '../../target/sh.ts'
import { absolutePath, nameParam } from '../definition/parameters.ts'

/** What every step of a deploy is given. */
export const deployParams = {
  root: absolutePath,
  run: nameParam,
}

export const deploySentences = {
  root: "Absolute path of the application's directory.",
  run: 'Id of the run, by which it holds the deploy lock.',
} as const

/** One line of the journal on the host. */
export interface JournalEntry {
  readonly event: string
  readonly run: string
  readonly release?: string
  readonly [detail: string]: unknown
}

/** Appends a line to the journal; the host tells the time. A full disk may have left a line without its end. */
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

/** Ends the script where this run does not hold the lock, or no longer: somebody else may be at work then. */
export function demandLock(root: string, run: string): Script {
  return sh`
    case $(${lockText(`${root}/deploy/lock`)}) in
      *${runMark(run)}*) ;;
      *)
        printf '%s\\n' ${`this run does not hold the deploy lock of ${root}: nothing was done`} >&2
        exit 1
        ;;
    esac
  `
}

/** The text by which a run knows its own lock. */
export function runMark(run: string): string {
  return `"run":${JSON.stringify(run)}`
}

/** Puts one word into a note about a release, so that there is always a whole one. */
export function noteState(root: string, id: string, state: string): Script {
  const note = `${root}/deploy/states/${id}`
  return sh`
    mkdir -p ${`${root}/deploy/states`}
    printf '%s %s\\n' ${state} "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >${`${note}.new`}
    mv -f ${`${note}.new`} ${note}
  `
}
