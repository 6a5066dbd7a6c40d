import { sh, type Script } from '../target/sh.ts'

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
    if [ -e "$policy" ]; then mv "$policy" "$policy.hostwright"; fi
    printf '%s\n' '#!/bin/sh' '# hostwright' "if [ -d /proc/$$ ]; then exit "${code}'; fi' \
      "if [ -x $policy.hostwright ]; then exec $policy.hostwright \\"\$@\\"; fi" >"$policy.new"
    chmod 755 "$policy.new"
    mv "$policy.new" "$policy"
  `
}
