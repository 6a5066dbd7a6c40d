import type { ExistingPath, PathState } from '../../state/path/value.ts'
import { demandAsRead, swapLock } from '../../state/swap/swap-lock.ts'
import { joinScripts, sh, type Script } from '../../target/sh.ts'
import { keepEntry } from './entries.ts'
import { trustedDirectory } from './trusted-directory.ts'

export interface Comparison {
  /** The entry as it was read. */
  readonly seen: PathState
  /** True if the new content was made from that of the file. */
  readonly edits: boolean
  readonly backup: boolean
}

/** Takes the lock. "$place" is the entry, and $path its path for messages. */
export const lockEntry = joinScripts([swapLock, demandAsRead, sh`swap_lock`])

/**
 * Takes the lock, and compares the entry with the reading. A file gets the hard link `previous`, so that `swapEntry`
 * can check whether another process writes to it until the rename.
 */
export function compareEntry({ seen, edits, backup }: Comparison): Script {
  return joinScripts([lockEntry, comparisonOf(seen, edits, backup)])
}

function comparisonOf(seen: PathState, edits: boolean, backup: boolean): Script {
  if (!seen.exists) return demandAbsent
  if (seen.type === 'link')
    return joinScripts([
      sh`demand_as_read [ -h "$place" ]`,
      ...(seen.target === undefined
        ? []
        : [sh`demand_as_read [ "$(readlink -n "$place"; echo .)" = ${`${seen.target}.`} ]`]),
    ])
  // a FIFO or a device has no content that could be lost
  if (seen.type !== 'file') return sh``
  if (seen.sha256 === undefined && !backup) return demandFile
  return joinScripts([
    keepPrevious,
    ...(edits ? [demandOwnLinks] : []),
    ...(seen.sha256 === undefined
      ? []
      : [sh`demand_as_read [ "$(sha256sum <previous)" = ${`${seen.sha256}  -`} ]`]),
    demandAttributes(seen),
  ])
}

/** Also true for a directory or a symlink. */
const demandAbsent = sh`
  demand_as_read [ ! -e "$place" ]
  demand_as_read [ ! -h "$place" ]
`

const demandFile = sh`
  demand_as_read [ ! -h "$place" ]
  demand_as_read [ -f "$place" ]
`

const keepPrevious = sh`
  ${demandFile}
  ${keepEntry}
  keep_entry "$place" previous
  demand_as_read [ ! -h previous ]
  demand_as_read [ -f previous ]
`

/** Fails if another user can have hard-linked the file (see `hold`). */
const demandOwnLinks = sh`
  ${trustedDirectory}
  if [ "$(stat -c %h previous)" != 1 ] && [ "$(stat -c '%h %d:%i' "$place")" != "$(stat -c '2 %d:%i' previous)" ] &&
    ! is_trusted .. && [ "$(stat -c %u previous)" != "$(stat -c %u ..)" ]; then
    printf '%s has several hard links, and another user can have made them\\n' "$path" >&2
    exit 1
  fi
`

/** The attributes that a write or a replacement by another process changes. */
const identity = '%s %d:%i %y'

/** Compares mode, owner and group, and the identities of the two hard links unless `previous` is a copy. */
function demandAttributes({ mode, uid, gid }: ExistingPath): Script {
  const access = parseInt(mode, 8).toString(8)
  const known = uid === undefined || gid === undefined ? access : `${access} ${uid} ${gid}`
  const format = uid === undefined || gid === undefined ? '%a' : '%a %u %g'
  return sh`
    newline='
    '
    held=$(stat -c ${`%h ${format} / ${identity}`} previous "$place")
    first=\${held%%"$newline"*} second=\${held#*"$newline"}
    seen=\${first#*/ } first=\${first% / *}
    demand_as_read [ "\${first#* }" = ${known} ]
    if [ "\${first%% *}" = 1 ]; then seen=; else demand_as_read [ "$seen" = "\${second#*/ }" ]; fi
  `
}

/** Keeps a file as `previous`, from which the script makes the new content while it holds the lock. */
export const holdFile = sh`
  ${keepPrevious}
  seen=$(stat -c ${identity} previous)
  # a copy
  if [ "$(stat -c %h previous)" = 1 ]; then seen=; fi
`

/** Demands that no other process has replaced the file since `holdFile`. */
export const demandHeld = sh`
  if [ -n "$seen" ]; then demand_as_read [ "$seen" = "$(stat -c ${identity} "$place")" ]; fi
`

/** Renames `new` to "$place". If another process has written to the previous file until then, its content stays. */
export const swapFile = sh`
  made=$(stat -c ${identity} new)
  mv -fT new "$place"
  if [ -n "$seen" ] && [ "$seen" != "$(stat -c ${identity} previous)" ]; then
    if [ "$(stat -c ${identity} "$place")" = "$made" ]; then mv -fT previous "$place"; fi
    demand_as_read false
  fi
`

/** Renames `new` to "$place", unless another process has created an entry there. */
export const placeNewFile = sh`
  if ln -T new "$place" 2>/dev/null; then rm new
  else
    ${demandAbsent}
    mv -fT new "$place"
  fi
`

export function swapEntry({ seen }: Comparison): Script {
  if (!seen.exists) return placeNewFile
  return seen.type === 'link' || seen.sha256 === undefined ? sh`mv -fT new "$place"` : swapFile
}
