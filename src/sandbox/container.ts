import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { run } from './local.ts'

/** A machine that has its namespaces but waits with its boot for the word. */
export interface Container {
  readonly process: ChildProcess
  readonly pid: number
  boot(): void
}

/**
 * Everything that a machine mounts is in its own mount namespace and goes away with its last process, whatever ends it.
 * There, /sys/fs/cgroup is cgroup 2 also where the outer machine has version 1, on which systemd 256 and later
 * does not boot; and /run is empty, so that nspawn leaves no trace in the outer one.
 */
const launcher = `set -eu
folder=$1 id=$2 hostname=$3 layers=$4
root=$folder/root
cd "$folder"

mount -t overlay overlay -o "lowerdir=$layers,upperdir=$folder/upper,workdir=$folder/work,volatile" "$root" || {
  echo "no overlay is possible in $folder: set HOSTWRIGHT_SANDBOX_HOME to a folder on ext4, xfs or tmpfs"
  exit 1
}
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir -p "/sys/fs/cgroup/$id"
echo $$ >"/sys/fs/cgroup/$id/cgroup.procs"
mount -t tmpfs tmpfs /run

put() {
  rm -f "$root/$2"
  install -m "$1" "identity/\${2##*/}" "$root/$2"
}
put 444 etc/machine-id
for file in hostname hosts resolv.conf; do
  if [ -f "identity/$file" ]; then put 644 "etc/$file"; fi
done
rm -f "$root"/etc/ssh/ssh_host_*
install -m 600 ssh_host_ed25519_key "$root/etc/ssh/ssh_host_ed25519_key"
install -m 644 ssh_host_ed25519_key.pub "$root/etc/ssh/ssh_host_ed25519_key.pub"
for login in root:/root deploy:/home/deploy; do
  user=\${login%%:*} ssh=$root\${login#*:}/.ssh
  owner=$(sed -n "s/^$user:[^:]*:\\([0-9]*\\):\\([0-9]*\\):.*/\\1:\\2/p" "$root/etc/passwd")
  install -d -m 700 "$ssh"
  install -m 600 id_ed25519.pub "$ssh/authorized_keys"
  chown -R "$owner" "$ssh"
done

echo ready >&3
read -r go
exec </dev/null 3>&-
exec systemd-nspawn --directory="$root" --machine="$id" --hostname="$hostname" --boot \\
  --register=no --keep-unit --network-namespace-path=/proc/self/ns/net --capability=CAP_NET_ADMIN \\
  --resolv-conf=off --timezone=off --link-journal=no --console=read-only
`

export interface ContainerOptions {
  /** The machine's folder, with its upper layer, its keys and its identity files. */
  readonly folder: string
  readonly id: string
  readonly hostname: string
  /** The folders under the upper layer, topmost first. */
  readonly layers: readonly string[]
}

/** Makes the namespaces and mounts of a machine, which outlives this process. Undefined when that fails: its log says why. */
export async function launch(options: ContainerOptions): Promise<Container | undefined> {
  const log = await open(consoleLog(options.folder), 'w')
  const process = spawn(
    'unshare',
    [
      ...['--mount', '--net', 'sh', '-c', launcher, 'sh'],
      ...[options.folder, options.id, options.hostname, options.layers.join(':')],
    ],
    {
      detached: true,
      stdio: ['pipe', log.fd, log.fd, 'pipe'],
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        LC_ALL: 'C',
        SYSTEMD_NSPAWN_TMPFS_TMP: '0',
        SYSTEMD_NSPAWN_API_VFS_WRITABLE: 'network',
      },
    },
  )
  await log.close()
  const word = process.stdin as Writable
  const answer = process.stdio[3] as Readable
  const ready = await Promise.race([
    once(answer, 'data').then(() => true),
    once(process, 'exit').then(() => false),
  ])
  if (!ready || process.pid === undefined) return undefined
  return {
    process,
    pid: process.pid,
    boot() {
      word.end('go\n')
      answer.destroy()
      process.unref()
    },
  }
}

/** What the machine's boot prints. */
export function consoleLog(folder: string): string {
  return join(folder, 'console.log')
}

/** Ends every process of a machine, at once, and waits until they are gone. */
export async function kill(id: string): Promise<void> {
  await run`unshare --mount sh -c ${killer} sh ${id}`
}

const killer = `set -eu
mount -t cgroup2 cgroup2 /sys/fs/cgroup
cd "/sys/fs/cgroup/$1" 2>/dev/null || exit 0
tries=0
while grep -q 'populated 1' cgroup.events; do
  find . -name cgroup.procs -exec cat {} + | xargs -r kill -9 2>/dev/null || :
  tries=$((tries + 1))
  if [ "$tries" -gt 500 ]; then
    echo "these processes cannot be ended: $(find . -name cgroup.procs -exec cat {} + | tr '\\n' ' ')" >&2
    exit 1
  fi
  sleep 0.02
done
cd ..
find "$1" -depth -type d -exec rmdir {} +
`
