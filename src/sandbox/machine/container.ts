import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { join } from 'node:path'

import { joinGroup } from './control-group.ts'
import { userRange } from './isolation.ts'

/** A machine that has its namespaces and waits for its boot. */
export interface Container {
  /** The process of systemd-nspawn. */
  readonly pid: number
  /** The process of the machine's init, or the one that becomes it. */
  readonly init: number
  /** Runs a script as the machine's first process, whose last command becomes its init. */
  boot(script: string): void
}

/**
 * Everything that a machine mounts is in its own mount namespace and goes away with its last process.
 * There, /sys/fs/cgroup is cgroup 2 even if the outer machine uses version 1, with which systemd 256 and later
 * does not boot; and /run is empty, so that nspawn leaves nothing in the outer one. The limits are Debian's
 * defaults: root of a user namespace cannot raise them.
 */
export const launcher = `set -eu
umask 022
folder=$1 id=$2 hostname=$3 layers=$4 instance=$5 users=$6 init=$7
root=$folder/root
cd "$folder"

mount -t overlay overlay -o "lowerdir=$layers,upperdir=$folder/upper,workdir=$folder/work,volatile" "$root" || {
  echo "no overlay is possible in $folder: set HOSTWRIGHT_SANDBOX_HOME to a folder on ext4, xfs or tmpfs"
  exit 1
}
${joinGroup}
mount -t tmpfs tmpfs /run

prlimit --pid $$ --nofile=1024:524288 --memlock=8388608:unlimited 2>/dev/null || :
export LISTEN_FDS=1 LISTEN_PID=$$
exec systemd-nspawn --directory="$root" --machine="$id" --hostname="$hostname" --uuid="$instance" \\
  --private-users="$users" --private-users-ownership=off --private-network --capability=CAP_NET_ADMIN \\
  --drop-capability=CAP_MKNOD,CAP_LINUX_IMMUTABLE,CAP_SYS_TTY_CONFIG \\
  --rlimit=NOFILE=1024:524288 --rlimit=MEMLOCK=8M:infinity \\
  --register=no --keep-unit --kill-signal=SIGRTMIN+3 --resolv-conf=off --timezone=off --link-journal=no \\
  --console=read-only /bin/sh -c "$init"
`

/**
 * Waits in the machine for the script that becomes its init. nspawn passes on the sockets in LISTEN_FDS.
 * If Hostwright ends before it sends the script, the machine ends too.
 */
export const firstProcess = `echo ready >&3
script=$(cat <&3)
eval "$script"
`

export interface ContainerOptions {
  /** The machine's folder, with its upper layer. */
  readonly folder: string
  readonly id: string
  readonly hostname: string
  /** The layers below the upper one, topmost first. */
  readonly layers: readonly string[]
  /** The machine's ID, 32 hexadecimal digits. */
  readonly instance: string
  /** True if the machine has its own users. */
  readonly isolated: boolean
}

/**
 * Creates the namespaces and mounts of a machine, which outlives this process. Returns undefined on failure: see its
 * log.
 */
export async function launch(options: ContainerOptions): Promise<Container | undefined> {
  const log = await open(consoleLog(options.folder), 'w')
  const { folder, id, hostname, layers, instance, isolated } = options
  const users = isolated ? userRange : 'no'
  const arguments_ = [folder, id, hostname, layers.join(':'), instance, users, firstProcess]
  const nspawn = spawn('unshare', ['--mount', 'sh', '-c', launcher, 'sh', ...arguments_], {
    detached: true,
    stdio: ['ignore', log.fd, log.fd, 'pipe'],
    env: {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      LC_ALL: 'C',
      // the release decides about /tmp, and sysctl may change the settings of the machine's network
      SYSTEMD_NSPAWN_TMPFS_TMP: '0',
      SYSTEMD_NSPAWN_API_VFS_WRITABLE: 'network',
    },
  })
  await log.close()
  const connection = nspawn.stdio[3] as Socket
  const ready = await Promise.race([
    once(connection, 'data').then(() => true),
    once(nspawn, 'exit').then(() => false),
  ])
  if (!ready || nspawn.pid === undefined) return undefined
  return {
    pid: nspawn.pid,
    init: await onlyChild(nspawn.pid),
    boot(script) {
      // the code that waits for the machine notices if it has ended
      connection.on('error', () => undefined).resume()
      connection.end(script)
      connection.unref()
      nspawn.unref()
    },
  }
}

async function onlyChild(pid: number): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
  const [child, ...others] = children.trim().split(' ').map(Number)
  if (!child || others.length > 0) throw new Error(`systemd-nspawn has these children: ${children}`)
  return child
}

/** Returns the path of the log of the machine's boot. */
export function consoleLog(folder: string): string {
  return join(folder, 'console.log')
}
