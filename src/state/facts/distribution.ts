import { sh } from '../../target/sh.ts'
import { defineFacts } from './fact-group.ts'

const families = new Map([
  ['debian', 'Debian'],
  ['rhel', 'RedHat'],
  ['fedora', 'RedHat'],
  ['suse', 'Suse'],
  ['alpine', 'Alpine'],
  ['arch', 'Archlinux'],
])

export const distribution = defineFacts({
  names: [
    ...(['distribution', 'distribution_release', 'distribution_version'] as const),
    ...(['distribution_major_version', 'distribution_minor_version', 'os_family'] as const),
  ],
  read: {
    'os-release': sh`show /etc/os-release`,
    debian_version: sh`show /etc/debian_version`,
  },
  parse(found) {
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
      distribution_minor_version: debian?.[2],
      os_family: like.map((name) => families.get(name)).find((family) => family !== undefined) ?? 'Linux',
    }
  },
})
