/** Returns whether a host may have a fact of this name: a common fact or that of a network interface such as eth0. */
export function mayBeFact(name: string): boolean {
  return factNames.includes(name) || /^(?:lo|[a-z]+\d[a-z0-9_]*|br_\w+)$/.test(name)
}

/** The facts of every host. Each network interface adds a fact under its name. */
export const factNames: readonly string[] = [
  ...['system', 'nodename', 'hostname', 'fqdn', 'domain', 'kernel', 'kernel_version'],
  ...['machine', 'architecture', 'userspace_architecture', 'uptime_seconds'],
  ...['user_id', 'user_uid', 'user_gid', 'user_dir'],
  ...['distribution', 'distribution_release', 'distribution_version'],
  ...['distribution_major_version', 'distribution_minor_version', 'os_family'],
  ...['processor_vcpus', 'processor_nproc', 'memtotal_mb', 'memfree_mb', 'memavailable_mb'],
  ...['swaptotal_mb', 'swapfree_mb', 'date_time'],
  ...['interfaces', 'all_ipv4_addresses', 'all_ipv6_addresses', 'default_ipv4', 'default_ipv6'],
  ...['service_mgr', 'pkg_mgr', 'selinux', 'virtualization_type', 'virtualization_role'],
]
