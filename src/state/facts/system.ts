import { sh } from '../../target/sh.ts'
import { defineFacts } from './fact-group.ts'

export const system = defineFacts({
  names: [
    ...(['system', 'nodename', 'hostname', 'fqdn', 'domain', 'kernel', 'kernel_version'] as const),
    ...(['machine', 'architecture', 'userspace_architecture', 'uptime_seconds'] as const),
  ],
  read: {
    uname: sh`
      uname -snrm
      show /proc/sys/kernel/version
    `,
    hosts: sh`show /etc/hosts`,
    uptime: sh`show /proc/uptime`,
  },
  parse({ uname, hosts, uptime }) {
    const [name = '', nodename = '', kernel = '', machine = ''] = (uname[0] ?? '').split(' ')
    const fqdn = qualifiedName(nodename, hosts)
    return {
      system: name,
      nodename,
      hostname: nodename.replace(/\..*/, ''),
      fqdn,
      domain: fqdn.includes('.') ? fqdn.replace(/^[^.]*\./, '') : '',
      kernel,
      kernel_version: uname[1] ?? '',
      machine,
      architecture: machine,
      userspace_architecture: machine,
      uptime_seconds: Math.floor(Number(uptime[0]?.split(' ')[0] ?? 0)),
    }
  },
})

/** Returns the qualified name in /etc/hosts. A DNS query could block. */
function qualifiedName(nodename: string, hosts: readonly string[]): string {
  const entries = hosts.map((line) => line.replace(/#.*/, '').trim().split(/\s+/).slice(1))
  const names = entries.find((entry) => entry.includes(nodename)) ?? []
  return names.find((name) => name.startsWith(`${nodename}.`)) ?? nodename
}
