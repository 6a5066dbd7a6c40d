import { run } from '../run-command.ts'

/** Shell that makes /sys/fs/cgroup cgroup 2; mounting it twice would be an error. */
export const controlGroups2 =
  '[ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ] || mount -t cgroup2 cgroup2 /sys/fs/cgroup'

/** Shell that moves itself, and so everything that it starts, to the control group $id. */
export const joinGroup = `${controlGroups2}
mkdir -p "/sys/fs/cgroup/$id"
echo $$ >"/sys/fs/cgroup/$id/cgroup.procs"`

/** Kills every process of a control group, such as a machine's, and waits until they are gone. */
export async function kill(id: string): Promise<void> {
  await run`unshare --mount sh -c ${killer} sh ${id}`
}

export const killer = `set -eu
${controlGroups2}
cd "/sys/fs/cgroup/$1" 2>/dev/null || exit 0
processes() { find . -name cgroup.procs -exec cat {} +; }
tries=0
while grep -q 'populated 1' cgroup.events; do
  for process in $(processes); do kill -9 "$process" 2>/dev/null || :; done
  tries=$((tries + 1))
  if [ "$tries" -gt 500 ]; then
    echo "these processes cannot be ended: $(processes | tr '\\n' ' ')" >&2
    exit 1
  fi
  sleep 0.02
done
cd ..
find "$1" -depth -type d -exec rmdir {} +
`
