import * as z from 'zod'

import { hostname as hostnameKind } from '../state/hostname.ts'
import { path } from '../state/path.ts'
import { sh } from '../target/sh.ts'
import type { Change } from './definition/change.ts'
import { defineModule } from './definition/module.ts'
import { nameParam } from './definition/parameters.ts'
import { inPrivateDirectory } from './placement/private-directory.ts'

const label = /^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$/

const params = z.strictObject({
  name: nameParam.refine(
    (name) => name.length <= 64 && name.split('.').every((part) => label.test(part)),
    'invalid host name: use letters, digits and - in parts separated by dots, at most 64 characters',
  ),
})

export const hostname = defineModule({
  name: 'hostname',
  summary: 'Sets the host name, now and for the next boot.',
  documentation: () => ({
    parameters: {
      name: 'Host name, at most 64 characters: letters, digits and `-`, in parts separated by dots; /etc/hosts is not changed.',
    },
    checkMode: 'Decided: the current name and /etc/hostname are read.',
    example: `- name: Set the host name
  hostname:
    name: www.example.com`,
  }),
  params,
  reads: () => ({ hostname: hostnameKind.key({}) }),
  diff({ hostname: { current, permanent } }, { name }): Change[] {
    return [
      ...(current === name ? [] : [{ field: 'name', before: current, after: name }]),
      ...(permanent === name ? [] : [{ field: '/etc/hostname', before: permanent, after: name }]),
    ]
  },
  // hostnamectl does the same, but needs D-Bus and a running service
  apply: (_changes, { name }) => [
    {
      script: sh`
        name=${name}
        ${inPrivateDirectory(
          '/etc',
          sh`
            printf '%s\\n' "$name" >hostname
            # a file that is a mount point can only be written in place
            mv -fT hostname ../hostname 2>/dev/null || cat hostname >../hostname
          `,
        )}
        if [ "$(uname -n)" != "$name" ]; then
          if command -v hostname >/dev/null; then hostname "$name"; else printf '%s' "$name" >/proc/sys/kernel/hostname; fi
        fi
      `,
      writes: [
        hostnameKind.write({}, { current: name, permanent: name }),
        path.write({ path: '/etc/hostname' }),
      ],
    },
  ],
  result: ({ params: { name } }) => ({ name }),
})
