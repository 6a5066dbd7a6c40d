import { readOnlyApt } from '../../state/package/read-only-apt.ts'
import { joinScripts, sh, type Script } from '../../target/sh.ts'

export interface AptSettings {
  /** Seconds to wait for a lock that another process holds. */
  readonly lockTimeout: number
  /** Options for dpkg with their dashes, e.g. --force-confold. */
  readonly dpkgOptions: readonly string[]
  /** The packages to install. */
  readonly names: readonly string[]
}

/**
 * Returns the beginning of every script that runs apt. It makes apt non-interactive and finishes interrupted
 * installations. It defines `run_apt …`, `update_lists` and `update_missing_lists`, which wait for locks.
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

/** Fails if the package lists of the host, if it has any, do not contain one of these packages. Changes nothing. */
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
          echo "no package named$unknown: run the task that adds its repository before this one" >&2
          exit 1
        fi
      }
    `,
  ])
}

/** Unlike for the lock of dpkg, apt has no option to wait for the lock of its package lists. */
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
        echo "$1 is still held by $holder after $lock_timeout seconds (lock_timeout)" >&2
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
      echo 'Failed to update the package lists' >&2
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
        echo 'Finishing an interrupted installation'
        # dpkg fails for packages without their dependencies, and apt installs those
        dpkg ${dpkgOptions} --configure -a </dev/null || :
        run_apt --fix-broken install
      fi
    fi
  `
}
