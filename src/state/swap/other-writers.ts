import { sh, type Script } from '../../target/sh.ts'

/**
 * Returns a script that looks for the processes that may write to these paths: other runs of Hostwright, by the shells
 * of their sessions, and processes that have one of the paths open for writing.
 */
export function findOtherWriters(paths: readonly string[]): Script {
  return sh`
    cd /proc || exit 0
    parent_of() {
      parent=
      while read -r name value _; do
        if [ "$name" = PPid: ]; then parent=$value; fi
      done <"$1/status"
    } 2>/dev/null
    # the process of sshd that serves the session, or the first one after init
    session_of() {
      session=$1
      while read -r name <"$session/comm" && parent_of "$session" && [ "\${parent:-0}" -gt 1 ]; do
        case $name in sshd*) return ;; esac
        session=$parent
      done
    } 2>/dev/null
    unit_of() { sed -n 's/.*\\/\\([^/]*\\.service\\)$/\\1/p' "$1/cgroup" 2>/dev/null | head -n 1; }
    session_of $$
    own=$session
    for process in [0-9]*; do
      if tr '\\0' ' ' <"$process/cmdline" 2>/dev/null | grep -q '^sh -c printf .* hostwright shell;'; then
        session_of "$process"
        if [ "$session" != "$own" ]; then stat -c 'run %U' "$process" || :; fi
      fi
      for path in ${paths}; do
        for file in "$process"/fd/*; do
          # shellcheck disable=SC3013 # dash and BusyBox have -ef
          if [ "$file" -ef "$path" ] && grep -q '^flags:.*[12]$' "$process/fdinfo/\${file##*/}" 2>/dev/null; then
            read -r name <"$process/comm" || name=
            printf 'process %s %s %s\\n' "$process" "$name" "$(unit_of "$process")"
          fi
        done
      done
    done
  `
}

/** Describes the writers that such a script found. */
export function describeWriters(stdout: string): string {
  const users = new Set([...stdout.matchAll(/^run (.+)$/gm)].map(([, user = '']) => user))
  const processes = new Map(
    [...stdout.matchAll(/^process (\d+) (\S+) ?(.*)$/gm)].map(([, id = '', name = '', unit = '']) => [
      unit === '' ? id : unit,
      unit === '' ? `process ${id} (${name})` : `${unit} (process ${id}, ${name})`,
    ]),
  )
  const writers = [
    ...(users.size === 0 ? [] : [`another run of hostwright (user ${[...users].join(', ')})`]),
    ...processes.values(),
  ]
  return writers.length === 0 ? 'another process' : writers.join(' and ')
}
