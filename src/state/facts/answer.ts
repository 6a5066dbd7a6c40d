import { networkFacts } from './network.ts'
import type { Facts, FactSections } from './value.ts'

/** Parses the output of the facts script. */
export function factsOf(found: FactSections): Facts {
  const [system = '', nodename = '', kernel = '', machine = ''] = (found.uname[0] ?? '').split(' ')
  const fqdn = qualifiedName(nodename, found.hosts)
  return {
    system,
    nodename,
    hostname: nodename.replace(/\..*/, ''),
    fqdn,
    domain: fqdn.includes('.') ? fqdn.replace(/^[^.]*\./, '') : '',
    kernel,
    kernel_version: found.uname[1] ?? '',
    machine,
    architecture: machine,
    userspace_architecture: machine,
    uptime_seconds: Math.floor(Number(found.uptime[0]?.split(' ')[0] ?? 0)),
    ...userFacts(found.user),
    ...distributionFacts(found),
    ...hardwareFacts(found),
    ...dateFacts(found.date[0] ?? ''),
    ...networkFacts(found),
    ...managerFacts(found.managers),
    ...virtualizationFacts(found),
  }
}

/** Returns the qualified name in /etc/hosts. A DNS query could block. */
function qualifiedName(nodename: string, hosts: readonly string[]): string {
  const entries = hosts.map((line) => line.replace(/#.*/, '').trim().split(/\s+/).slice(1))
  const names = entries.find((entry) => entry.includes(nodename)) ?? []
  return names.find((name) => name.startsWith(`${nodename}.`)) ?? nodename
}

/** Parses "uid=0(root) gid=0(root) groups=0(root)" and the home directory. */
function userFacts([identity = '', home = '']: readonly string[]): Facts {
  const [, uid, name, gid] = /^uid=(\d+)(?:\(([^)]*)\))? gid=(\d+)/.exec(identity) ?? []
  if (uid === undefined) throw new Error(`unexpected output of id: ${identity}`)
  return { user_id: name ?? uid, user_uid: Number(uid), user_gid: Number(gid), user_dir: home }
}

const families = new Map([
  ['debian', 'Debian'],
  ['rhel', 'RedHat'],
  ['fedora', 'RedHat'],
  ['suse', 'Suse'],
  ['alpine', 'Alpine'],
  ['arch', 'Archlinux'],
])

function distributionFacts(found: FactSections): Facts {
  const release = new Map(
    found['os-release'].flatMap((line) => {
      const [, name, value] = /^([A-Z_]+)=["']?(.*?)["']?$/.exec(line) ?? []
      return name === undefined ? [] : [[name, value ?? '']]
    }),
  )
  const id = release.get('ID') ?? 'linux'
  // Only debian_version has Debian's point release. On derivatives it names the Debian version that they are based on.
  const debian = id === 'debian' ? /^(\d+)\.(\d+)/.exec(found.debian_version[0] ?? '') : undefined
  const version = debian?.[0] ?? release.get('VERSION_ID') ?? 'NA'
  const like = [id, ...(release.get('ID_LIKE') ?? '').split(' ')]
  return {
    distribution: id.charAt(0).toUpperCase() + id.slice(1),
    distribution_release: release.get('VERSION_CODENAME') ?? 'NA',
    distribution_version: version,
    distribution_major_version: version.replace(/\..*/, ''),
    os_family: like.map((name) => families.get(name)).find((family) => family !== undefined) ?? 'Linux',
    ...(debian?.[2] === undefined ? {} : { distribution_minor_version: debian[2] }),
  }
}

function hardwareFacts(found: FactSections): Facts {
  const megabytes = (name: string): number => {
    const line = found.meminfo.find((one) => one.startsWith(`${name}:`))
    return Math.floor(Number(/\d+/.exec(line ?? '0')?.[0]) / 1024)
  }
  return {
    processor_vcpus: Number(found.processors[0] ?? 1),
    processor_nproc: Number(found.processors[0] ?? 1),
    memtotal_mb: megabytes('MemTotal'),
    memfree_mb: megabytes('MemFree'),
    memavailable_mb: megabytes('MemAvailable'),
    swaptotal_mb: megabytes('SwapTotal'),
    swapfree_mb: megabytes('SwapFree'),
  }
}

function dateFacts(line: string): Facts {
  const [epoch = '', iso = '', offset = '', zone = ''] = line.split(' ')
  const [date = '', time = ''] = iso.split('T')
  const [year = '', month = '', day = ''] = date.split('-')
  const [hour = '', minute = '', second = ''] = time.split(':')
  return {
    date_time: {
      ...{ epoch, date, time, year, month, day, hour, minute, second },
      tz: zone,
      tz_offset: offset,
      iso8601: epoch === '' ? '' : new Date(Number(epoch) * 1000).toISOString().replace('.000', ''),
    },
  }
}

function managerFacts(managers: readonly string[]): Facts {
  const packageManager = managers.find((line) => line.startsWith('package '))?.slice('package '.length)
  const service = managers[0]?.startsWith('service ') === true ? 'systemd' : (managers[0] ?? 'unknown')
  return {
    service_mgr: service,
    pkg_mgr: packageManager === 'apt-get' ? 'apt' : (packageManager ?? 'unknown'),
    selinux: { status: managers.includes('selinux') ? 'enabled' : 'disabled' },
  }
}

const hypervisors: readonly [RegExp, string][] = [
  [/kvm|qemu|openstack/i, 'kvm'],
  [/vmware/i, 'VMware'],
  [/virtualbox|innotek/i, 'virtualbox'],
  [/xen/i, 'xen'],
  [/microsoft/i, 'VirtualPC'],
  [/amazon ec2/i, 'kvm'],
]

function virtualizationFacts(found: FactSections): Facts {
  const container = found.managers.find((line) => line.startsWith('container '))?.slice('container '.length)
  if (container !== undefined) return { virtualization_type: container, virtualization_role: 'guest' }
  const hardware = found.dmi.join(' ')
  const type = hypervisors.find(([pattern]) => pattern.test(hardware))?.[1]
  if (type !== undefined) return { virtualization_type: type, virtualization_role: 'guest' }
  return { virtualization_type: 'NA', virtualization_role: 'NA' }
}
