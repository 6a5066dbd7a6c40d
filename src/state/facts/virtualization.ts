import { sh } from '../../target/sh.ts'
import { defineFacts } from './fact-group.ts'

const hypervisors: readonly [RegExp, string][] = [
  [/kvm|qemu|openstack/i, 'kvm'],
  [/vmware/i, 'VMware'],
  [/virtualbox|innotek/i, 'virtualbox'],
  [/xen/i, 'xen'],
  [/microsoft/i, 'VirtualPC'],
  [/amazon ec2/i, 'kvm'],
]

export const virtualization = defineFacts({
  names: ['virtualization_type', 'virtualization_role'],
  read: {
    container: sh`
      show /run/systemd/container
      if [ -e /.dockerenv ]; then echo docker; fi
    `,
    dmi: sh`
      show /sys/class/dmi/id/sys_vendor
      show /sys/class/dmi/id/product_name
    `,
  },
  parse({ container: [container], dmi }) {
    const hardware = dmi.join(' ')
    const type = container ?? hypervisors.find(([pattern]) => pattern.test(hardware))?.[1]
    if (type !== undefined) return { virtualization_type: type, virtualization_role: 'guest' }
    return { virtualization_type: 'NA', virtualization_role: 'NA' }
  },
})
