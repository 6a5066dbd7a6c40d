import { sh, type Script } from '../../target/sh.ts'

/**
 * Packages ask /usr/sbin/policy-rc.d whether they may start or stop a service. Ours answers with this code as long as
 * the script runs, and steps aside for one that was there; after a kill it answers for nobody, and the next run removes it.
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
    # a process is known by its number and its start: numbers are used again
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
