import { readOnlyApt } from '../../state/package/read-only-apt.ts'
import { joinScripts, sh, type Script } from '../../target/sh.ts'

export interface AptSettings {
  /** Seconds to wait for a lock that somebody else holds. */
  readonly lockTimeout: number
  /** For dpkg, with their dashes, e.g. --force-confold. */
  readonly dpkgOptions: readonly string[]
  /** The packages that the script is about. */
  readonly names: readonly string[]
}

/**
 * What every script that runs apt begins with: it asks nothing, waits for locks, and finishes what was interrupted.
 * Steps follow it: `run_apt …`, `update_lists`, `update_missing_lists`.
 */
export function aptPrelude(settings: AptSettings): Script {
  const { lockTimeout, dpkgOptions, names } = settings
  return joinScripts([
    sh`
      export DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical
      export APT_LISTCHANGES_FRONTEND=none NEEDRESTART_SUSPEND=1
      lock_timeout=${lockTimeout}
    `,
    locks,
    lists,
    demandKnown(names),
    sh`
      run_apt() {
        apt-get -y -q -o DPkg::Lock::Timeout="$lock_timeout" -o Dpkg::Use-Pty=0 \
          ${dpkgOptions.flatMap((option) => ['-o', `Dpkg::Options::=${option}`])} "$@" </dev/null && return
        code=$?
        explain_locks
        demand_known
        exit "$code"
      }
    `,
    repair(dpkgOptions),
  ])
}

/** Fails when apt has never heard of one of these packages, as far as it has lists; changes nothing. */
export function validatePackages(names: readonly string[]): Script {
  return joinScripts([lists, demandKnown(names), sh`demand_known`])
}

function demandKnown(names: readonly string[]): Script {
  return joinScripts([
    readOnlyApt,
    sh`
      demand_known() {
        have_lists || return 0
        end='
      '
        set -- ${names}
        known=$end$(read_only_apt apt-cache policy "$@")$end
        unknown=
        for name; do
          case $known in *"$end\${name%%:*}:"*) ;; *) unknown="$unknown $name" ;; esac
        done
        if [ -n "$unknown" ]; then
          echo "no package named$unknown: did the task that adds its repository run?" >&2
          exit 1
        fi
      }
    `,
  ])
}

/** The lock of apt's lists has no option to wait for it, as the lock of dpkg has. */
const locks = sh`
  lock_holder() {
    [ -e "$1" ] || return 1
    inode=$(stat -c %i "$1")
    while read -r _ type _ _ process place _; do
      case $type/$place in
        POSIX/*:"$inode") if [ -e "/proc/$process/cmdline" ]; then
          echo "process $process ($(tr '\\0' ' ' <"/proc/$process/cmdline" | sed 's/ $//'))"
          return
        fi ;;
      esac
    done </proc/locks
    return 1
  }
  wait_for_lock() {
    waited=0
    while holder=$(lock_holder "$1"); do
      if [ "$waited" -ge "$lock_timeout" ]; then
        echo "$1 is held by $holder: it was waited for $lock_timeout seconds (lock_timeout)" >&2
        exit 1
      fi
      sleep 1
      waited=$((waited + 1))
    done
  }
  explain_locks() {
    for lock in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock /var/cache/apt/archives/lock; do
      if holder=$(lock_holder "$lock"); then echo "$lock is held by $holder" >&2; fi
    done
  }
`

const lists = sh`
  have_lists() {
    for list in /var/lib/apt/lists/*Release; do [ ! -e "$list" ] || return 0; done
    return 1
  }
  update_lists() {
    wait_for_lock /var/lib/apt/lists/lock
    if ! apt-get -q -o APT::Update::Error-Mode=any update </dev/null; then
      echo 'Failed to update the lists of packages' >&2
      explain_locks
      exit 1
    fi
    touch -c /var/lib/apt/lists /var/cache/apt/srcpkgcache.bin
  }
  update_missing_lists() { have_lists || update_lists; }
`

function repair(dpkgOptions: readonly string[]): Script {
  return sh`
    interrupted() {
      for entry in /var/lib/dpkg/updates/[0-9]*; do [ ! -e "$entry" ] || return 0; done
      dpkg-query -W -f='\${db:Status-Abbrev}\\n' | grep -qE '^.[HUFWt]|^..R'
    }
    if interrupted; then
      wait_for_lock /var/lib/dpkg/lock-frontend
      if interrupted; then
        echo 'An installation was interrupted: it is finished first.'
        # what still lacks its dependencies is left to apt
        dpkg ${dpkgOptions} --configure -a </dev/null || :
        run_apt --fix-broken install
      fi
    fi
  `
}
