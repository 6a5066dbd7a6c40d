import { sh, type Script } from '../../target/sh.ts'

/**
 * Installs a policy-rc.d that exits with this code while the script runs. Packages run /usr/sbin/policy-rc.d before
 * they start or stop a service. An existing one is restored afterwards. If the script is killed, the installed one
 * defers to the original, and the next run removes it.
 */
export function startPolicy(code: number): Script {
  return sh`
    policy=/usr/sbin/policy-rc.d
    restore_policy() {
      if grep -qs '^# hostwright$' "$policy"; then
        if [ -e "$policy.hostwright" ]; then mv -f "$policy.hostwright" "$policy"; else rm -f "$policy"; fi
      fi
    }
    trap restore_policy 0
    trap 'exit 1' 1 2 15
    restore_policy
    if [ -e "$policy" ]; then cp -p "$policy" "$policy.hostwright"; fi
    # PIDs are reused, so the process is identified by its PID and start time
    birth=$(cut -d ' ' -f 22 /proc/$$/stat)
    {
      echo '#!/bin/sh'
      echo '# hostwright'
      echo "[ \\"\\$(cut -d ' ' -f 22 /proc/$$/stat 2>/dev/null)\\" != $birth ] || exit "${code}
      echo "[ ! -x $policy.hostwright ] || exec $policy.hostwright \\"\\$@\\""
    } >"$policy.new"
    chmod 755 "$policy.new"
    mv "$policy.new" "$policy"
  `
}
