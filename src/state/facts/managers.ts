import { sh } from '../../target/sh.ts'
import { defineFacts } from './fact-group.ts'

/** The programs that manage services, packages and mandatory access control. */
export const managers = defineFacts({
  names: ['service_mgr', 'pkg_mgr', 'selinux'],
  read: {
    managers: sh`
      if [ -d /run/systemd/system ]; then echo service systemd; else show /proc/1/comm; fi
      for manager in apt-get dnf yum zypper apk pacman; do
        if command -v "$manager" >/dev/null; then echo "package $manager"; fi
      done
      if [ -e /sys/fs/selinux/enforce ]; then echo selinux; fi
    `,
  },
  parse({ managers: found }) {
    const packageManager = found.find((line) => line.startsWith('package '))?.slice('package '.length)
    const service = found[0]?.startsWith('service ') === true ? 'systemd' : (found[0] ?? 'unknown')
    return {
      service_mgr: service,
      pkg_mgr: packageManager === 'apt-get' ? 'apt' : (packageManager ?? 'unknown'),
      selinux: { status: found.includes('selinux') ? 'enabled' : 'disabled' },
    }
  },
})
