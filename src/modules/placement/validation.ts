import { dirname } from 'node:path/posix'

import { attach, Attachment, sh, type Script } from '../../target/sh.ts'
import { type HostFile, printHostFile } from './bytes.ts'

/** A file that is put into place if a command of the user accepts it. */
export interface Candidate {
  readonly path: string
  readonly content: Attachment | HostFile
  readonly mode: string
  readonly owner: string | undefined
  /** The command, with `%s` for the candidate's path. Without `%s` it sees the candidate at its destination. */
  readonly command: string
}

export function hasPlaceholder(command: string): boolean {
  return command.includes('%s')
}

/** Runs the command on the candidate without changing the live file. Succeeds if the machine allows no private view. */
export function validation(candidate: Candidate): Script {
  return hasPlaceholder(candidate.command) ? validationElsewhere(candidate) : validationInPlace(candidate)
}

/** Fails the script if the command rejects the file, which is already in place because `validation` could not run. */
export function lateValidation({ command }: Candidate): Script {
  return sh`
    if ! sh -c ${command} >&2; then
      printf '%s\\n' ${refusal(command)} >&2
      exit 1
    fi
  `
}

/** Succeeds if the machine lets a script have a private view of the file system. */
export const privateViewAllowed = sh`unshare -m mount --bind "$FILES" "$FILES" 2>/dev/null`

function validationElsewhere({ command, content }: Candidate): Script {
  const withArgument = command.replaceAll(/(['"]?)%s\1/g, () => '"$1"')
  return sh`
    ${prepared(content)}
    if ! sh -c ${withArgument} sh "$candidate"; then
      printf '%s\\n' ${refusal(command)} >&2
      exit 1
    fi
  `
}

function validationInPlace({ path, content, mode, owner, command }: Candidate): Script {
  return sh`
    ${privateViewAllowed} || exit 0
    ${prepared(content)}
    ${owner === undefined ? sh`` : sh`chown ${owner} "$candidate"`}
    chmod ${`0${mode}`} "$candidate"
    mkdir "$FILES/view"
    if ! unshare -m sh -eu ${attach('show-candidate', showCandidate.text)} "$candidate" ${path} ${dirname(path)} ${command} "$FILES/view"; then
      printf '%s\\n' ${refusal(command)} >&2
      exit 1
    fi
  `
}

/**
 * Shows the candidate at its destination, in a separate mount namespace. A new file is put into a copy of its directory
 * in memory, into which the real files and directories are mounted.
 */
export const showCandidate = sh`
  candidate=$1 destination=$2 directory=$3 command=$4 view=$5
  if [ -e "$destination" ]; then mount --bind "$candidate" "$destination"
  else
    mount -t tmpfs hostwright "$view"
    set --
    for entry in "$directory"/* "$directory"/.[!.]* "$directory"/..?*; do
      if [ -d "$entry" ] && [ ! -h "$entry" ]; then
        mkdir "$view/\${entry##*/}"
        mount --rbind "$entry" "$view/\${entry##*/}"
      elif [ -f "$entry" ] && [ ! -h "$entry" ]; then
        : >"$view/\${entry##*/}"
        mount --bind "$entry" "$view/\${entry##*/}"
      elif [ -e "$entry" ] || [ -h "$entry" ]; then set -- "$@" "$entry"
      fi
      # as many as fit into the arguments of one process
      if [ $# = 500 ]; then
        cp -a "$@" "$view/"
        set --
      fi
    done
    [ $# = 0 ] || cp -a "$@" "$view/"
    cp -p "$candidate" "$view/\${destination##*/}"
    access=$(stat -c '%a %u:%g' "$directory")
    chmod "\${access% *}" "$view"
    chown "\${access#* }" "$view"
    mount --rbind "$view" "$directory"
  fi
  exec sh -c "$command"
`

function prepared(content: Attachment | HostFile): Script {
  if (content instanceof Attachment) return sh`candidate=${content}`
  return sh`
    candidate=$FILES/candidate
    (
    ${printHostFile(content)}
    ) >"$candidate"
  `
}

function refusal(command: string): string {
  return `validation failed, the live file was not changed: ${command}`
}
