import { sh } from '../../target/sh.ts'
import type { ResolverFiles } from '../network/resolver.ts'
import type { MachineKeys } from './keys.ts'

/** The name of a machine from an image, and the files that contain it. A machine from a snapshot keeps its own. */
export interface Naming extends ResolverFiles {
  readonly hostname: string
}

/**
 * Returns a script that the machine runs before its init, and that starts the init. The outer machine writes nothing
 * below the machine's root: root of a snapshot's machine may have left symlinks there.
 */
export function bootScript(keys: MachineKeys, instance: string, naming: Naming | undefined): string {
  return sh`
    set -eu
    umask 022
    put() {
      rm -f "$2"
      printf %s "$3" >"$2"
      chmod "$1" "$2"
    }
    ${naming === undefined ? sh`` : names(naming)}
    put 444 /etc/machine-id ${`${instance}\n`}
    rm -f /etc/ssh/ssh_host_*
    put 600 /etc/ssh/ssh_host_ed25519_key ${keys.hostKey}
    put 644 /etc/ssh/ssh_host_ed25519_key.pub ${keys.publicHostKey}
    for login in root:/root deploy:/home/deploy; do
      folder=\${login#*:}/.ssh
      install -d -m 700 "$folder"
      put 600 "$folder/authorized_keys" ${keys.authorizedKey}
      chown -R "\${login%%:*}:" "$folder"
    done
    ${handOver}
  `.text
}

function names({ hostname, hosts, resolvConf }: Naming) {
  return sh`
    put 644 /etc/hostname ${`${hostname}\n`}
    put 644 /etc/hosts ${hosts}
    put 644 /etc/resolv.conf ${resolvConf}
  `
}

/** Starts the init, which inherits neither the connection nor LISTEN_FDS. */
const handOver = sh`
  unset LISTEN_FDS LISTEN_PID
  exec 3>&-
  exec /sbin/init
`
