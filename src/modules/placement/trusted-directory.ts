import { sh } from '../../target/sh.ts'

/**
 * Defines `keeps_others_out MODE OWNER DIRECTORY`, which succeeds if no other user can replace entries of the directory,
 * which has this mode and owner.
 */
export const keepsOthersOut = sh`
  keeps_others_out() {
    case $1 in *[2367]? | *[2367]) return 1 ;; esac
    [ "$2" = 0 ] || [ -O "$3" ]
  }
`

/** Defines `is_trusted DIRECTORY`, which succeeds if no other user can replace entries of the directory. */
export const trustedDirectory = sh`
  ${keepsOthersOut}
  is_trusted() {
    # shellcheck disable=SC2046 # words
    keeps_others_out $(stat -c '%a %u' "$1") "$1"
  }
`
