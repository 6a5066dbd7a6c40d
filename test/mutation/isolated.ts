import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'

import { projectFolder } from './places.ts'

/** A snapshot of the project, and the folders that it needs besides. */
export interface Workplace {
  /** The project as it was when the run began. */
  readonly snapshot: string
  readonly scratch: string
}

/**
 * A mutant may do anything: delete files, end processes, connect to hosts. It sees the file system of this machine, but
 * its writes are discarded, and it has its own processes and no network.
 */
const isolate = `
set -e
scratch=$1 project=$2 layers=$3 modules=$4 cache=$5 program=$6
mount --make-rprivate /
mount -t tmpfs tmpfs "$scratch"
mkdir "$scratch/root" "$scratch/empty"
for name in machine project tmp; do mkdir "$scratch/$name" "$scratch/$name/upper" "$scratch/$name/work"; done
root=$scratch/root
mount -t overlay overlay -o "lowerdir=/,upperdir=$scratch/machine/upper,workdir=$scratch/machine/work" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --rbind /sys "$root/sys"
# an overlay too: a file in a tmpfs is treated as a mounted secret
mount -t overlay overlay -o "lowerdir=$scratch/empty,upperdir=$scratch/tmp/upper,workdir=$scratch/tmp/work" "$root/tmp"
chmod 1777 "$root/tmp"
mkdir "$root/tmp/tsx-$(id -u)"
mount --bind "$cache" "$root/tmp/tsx-$(id -u)"
mkdir -p "$root$project"
mount -t overlay overlay -o "lowerdir=$layers,upperdir=$scratch/project/upper,workdir=$scratch/project/work" "$root$project"
mkdir -p "$root$modules"
mount --bind -o ro "$modules" "$root$modules"
ip link set lo up
status=0
env -i PATH="$PATH" HOME=/root LANG=C.UTF-8 NODE_CHANNEL_FD="$NODE_CHANNEL_FD" \\
  NODE_CHANNEL_SERIALIZATION_MODE="$NODE_CHANNEL_SERIALIZATION_MODE" \\
  chroot "$root" sh -c 'cd "$1" && exec node --import tsx "$2"' sh "$project" "$program" || status=$?
exit "$status"
`

/** Starts a program of the project in isolation. @param layer files that hide those of the snapshot */
export function startIsolated(place: Workplace, layer: string, program: string): ChildProcess {
  const scratch = join(place.scratch, 'mount')
  const cache = join(place.scratch, 'cache')
  for (const folder of [scratch, cache]) if (!existsSync(folder)) mkdirSync(folder)
  const modules = realpathSync(join(projectFolder, 'node_modules'))
  const words = [scratch, projectFolder, `${layer}:${place.snapshot}`, modules, cache, program]
  return spawn(
    'unshare',
    [
      ...['--mount', '--pid', '--net', '--ipc', '--fork', '--kill-child'],
      ...['sh', '-c', isolate, 'sh', ...words],
    ],
    { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
  )
}

/** Ends the program and every process that it started. */
export async function end(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return
  process.kill('SIGKILL')
  await once(process, 'exit')
}
