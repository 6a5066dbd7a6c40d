import { sh } from '../../target/sh.ts'

/** Defines `is_trusted DIRECTORY`, which succeeds if no other user can replace entries of the directory. */
export const trustedDirectory = sh`
  is_trusted() {
    # shellcheck disable=SC2046 # words
    set -- $(stat -c '%a %u' "$1") "$1"
    case $1 in *[2367]? | *[2367]) return 1 ;; esac
    [ "$2" = 0 ] || [ -O "$3" ]
  }
`
