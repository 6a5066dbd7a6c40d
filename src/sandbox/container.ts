import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { joinGroup } from './control-group.ts'

/** A machine that has its namespaces but waits with its boot for the word. */
export interface Container {
  readonly pid: number
  boot(): void
}

/**
 * Everything that a machine mounts is in its own mount namespace and goes away with its last process, whatever ends it.
 * There, /sys/fs/cgroup is cgroup 2 also where the outer machine has version 1, on which systemd 256 and later
 * does not boot; and /run is empty, so that nspawn leaves no trace in the outer one.
 */
export const launcher = `set -eu
umask 022
folder=$1 id=$2 hostname=$3 layers=$4
root=$folder/root
cd "$folder"

mount -t overlay overlay -o "lowerdir=$layers,upperdir=$folder/upper,workdir=$folder/work,volatile" "$root" || {
  echo "no overlay is possible in $folder: set HOSTWRIGHT_SANDBOX_HOME to a folder on ext4, xfs or tmpfs"
  exit 1
}
${joinGroup}
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
read -r _
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
  const { folder, id, hostname, layers } = options
  const launch = ['sh', '-c', launcher, 'sh', folder, id, hostname, layers.join(':')]
  const process = spawn('unshare', ['--mount', '--net', ...launch], {
    detached: true,
    stdio: ['pipe', log.fd, log.fd, 'pipe'],
    env: {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      LC_ALL: 'C',
      // /tmp is what the release makes of it, and sysctl may change what belongs to the machine's network
      SYSTEMD_NSPAWN_TMPFS_TMP: '0',
      SYSTEMD_NSPAWN_API_VFS_WRITABLE: 'network',
    },
  })
  await log.close()
  const word = process.stdin as Writable
  const answer = process.stdio[3] as Readable
  const ready = await Promise.race([
    once(answer, 'data').then(() => true),
    once(process, 'exit').then(() => false),
  ])
  if (!ready || process.pid === undefined) return undefined
  return {
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
