/** The facts of a host, under Ansible's names without `ansible_`. */
export type Facts = Readonly<Record<string, unknown>>

export const headings = [
  'uname',
  'os-release',
  'debian_version',
  'processors',
  'meminfo',
  'uptime',
  'date',
  'user',
  'hosts',
  'links',
  'addresses',
  'routes',
  'managers',
  'dmi',
] as const

export type FactSections = Readonly<Record<(typeof headings)[number], readonly string[]>>
