import { dirname } from 'node:path/posix'
import * as z from 'zod'

import { TaskFailure } from '../errors.ts'
import { path } from '../state/path.ts'
import { endOf } from '../state/path/value.ts'
import {
  normalizeValue,
  pattern,
  sysctl as sysctlKind,
  sysctlPath,
  type SysctlValue,
} from '../state/sysctl.ts'
import { joinScripts, sh, type Script } from '../target/sh.ts'
import { booleanWords } from '../text/boolean-words.ts'
import type { Change } from './definition/change.ts'
import { defineModule } from './definition/module.ts'
import { absolutePath, booleanParam, nameParam, textParam } from './definition/parameters.ts'
import { demandHeld, holdFile, lockEntry, placeNewFile, swapFile } from './placement/comparison.ts'
import { makeDirectory } from './placement/make-directory.ts'
import { inPrivateDirectory, outside } from './placement/private-directory.ts'
import { demandRegularFile } from './placement/regular-file.ts'
import { demandTrustedLinks } from './placement/untrusted-link.ts'

/** The value as the kernel reads it: it has no words for true and false. */
const valueParam = textParam.transform((value) => {
  const known = booleanWords.get(value.trim().toLowerCase())
  return known === undefined ? value : known ? '1' : '0'
})

const params = z
  .strictObject({
    name: nameParam.refine(
      (name) => /^[\w-]+([./][\w:@-]+)+$/.test(name),
      'invalid kernel parameter: write a name like net.ipv4.ip_forward',
    ),
    value: valueParam.refine((value) => !value.includes('\n'), 'must be one line').optional(),
    state: z.enum(['present', 'absent']).default('present'),
    reload: booleanParam.default(true),
    sysctl_set: booleanParam.default(false),
    // Debian 13 does not read /etc/sysctl.conf, which is Ansible's default
    sysctl_file: absolutePath.default('/etc/sysctl.d/99-hostwright.conf'),
    ignoreerrors: booleanParam.default(false),
  })
  .refine(({ state, value }) => state === 'absent' || value !== undefined, 'needs value')

type Params = z.output<typeof params>

export const sysctl = defineModule({
  name: 'sysctl',
  summary: 'Sets a kernel parameter, now and for the next boot.',
  documentation: () => ({
    parameters: {
      name: 'Name of the parameter, e.g. `net.ipv4.ip_forward`.',
      value:
        'Value of the parameter; `yes` and `true` mean 1, `no` and `false` mean 0; required with `state: present`.',
      state:
        '`present` sets the parameter, `absent` removes it from the file and does not change the running kernel.',
      reload:
        'Also sets the value in the running kernel; unlike in Ansible, only this parameter, not the whole file.',
      sysctl_set: 'Sets the value in the running kernel even with `reload: false`.',
      sysctl_file: "File for the next boot; not Ansible's /etc/sysctl.conf, which Debian 13 does not read.",
      ignoreerrors:
        'Only writes the file if the running kernel does not have the parameter or cannot set it.',
    },
    checkMode: 'Decided: the file and the running kernel are read.',
    example: `- name: Allow more connections
  sysctl:
    name: net.core.somaxconn
    value: 1024`,
  }),
  params,
  reads: ({ name, sysctl_file }) => ({
    sysctl: sysctlKind.key({ name, file: sysctl_file }),
    file: path.key({ path: sysctl_file, follow: true }),
  }),
  diff({ sysctl: found, file }, wanted): Change[] {
    const { sysctl_file, state, value = '' } = wanted
    demandTrustedLinks(sysctl_file, endOf(file))
    demandRegularFile(sysctl_file, endOf(file))
    const kept = state === 'absent' ? undefined : normalizeValue(value)
    const changes: Change[] =
      found.kept === kept ? [] : [{ field: sysctl_file, before: found.kept, after: kept }]
    if (!setsLive(wanted, found) || found.live === kept) return changes
    demandSettable(wanted, found)
    return [...changes, { field: 'value', before: found.live, after: kept }]
  },
  apply: (changes, wanted, { sysctl: found, file: place }) => {
    const { name, sysctl_file: file, value = '', state } = wanted
    const fields = changes.map(({ field }) => field)
    return [
      {
        script: joinScripts([
          ...(fields.includes('value') ? [setLive(wanted)] : []),
          ...(fields.includes(file) ? [keep(wanted, endOf(place).real ?? file)] : []),
        ]),
        swaps: true,
        writes: [sysctlKind.write({ name, file }, valueAfter(wanted, found, fields.includes('value')))],
        ...(state === 'present' && fields.includes('value') ? { effect: `sets ${name} to ${value}` } : {}),
      },
    ]
  },
})

/** Returns true if the task sets the running kernel. With ignoreerrors, it does not if the kernel cannot be set. */
function setsLive(
  { state, reload, sysctl_set, ignoreerrors }: Params,
  { live, writable }: SysctlValue,
): boolean {
  if (state === 'absent' || (!reload && !sysctl_set)) return false
  return !ignoreerrors || (live !== undefined && writable)
}

function demandSettable({ name }: Params, { live, writable }: SysctlValue): void {
  const hint = 'use ignoreerrors: true to set it for the next boot only'
  if (live === undefined) throw new TaskFailure(`the kernel of this host has no parameter ${name}`, { hint })
  if (!writable)
    throw new TaskFailure(`${name} cannot be set on this host: it is read-only, as in a container`, {
      hint,
    })
}

function setLive({ name, value = '' }: Params): Script {
  return sh`
    if ! printf '%s\\n' ${value} >${sysctlPath(name)}; then
      printf '%s\\n' ${`the kernel rejected ${value} for ${name}`} >&2
      exit 1
    fi
  `
}

/** Removes all lines for the parameter from the file, and appends the new one. */
function keep({ name, value = '', state }: Params, path: string): Script {
  const line = state === 'absent' ? '' : `${name} = ${value}`
  return sh`
    if [ ! -d ${dirname(path)} ]; then
      ${makeDirectory(dirname(path), undefined, undefined)}
    fi
    ${inPrivateDirectory(
      dirname(path),
      sh`
        path=${path} place=${outside(path)} line=${line}
        ${lockEntry}
        if [ -e "$place" ]; then
          ${holdFile}
          cp -p previous new
          grep -Ev ${pattern(name)} new >others || [ $? -eq 1 ] || exit
          cat others >new
        fi
        if [ -n "$line" ]; then printf '%s\\n' "$line" >>new; fi
        if [ -e previous ]; then
          ${demandHeld}
          ${swapFile}
        else
          ${placeNewFile}
        fi
      `,
    )}
  `
}

function valueAfter({ value = '', state }: Params, found: SysctlValue, live: boolean): SysctlValue {
  const wanted = normalizeValue(value)
  const now = live ? wanted : found.live
  return {
    writable: found.writable,
    ...(now === undefined ? {} : { live: now }),
    ...(state === 'absent' ? {} : { kept: wanted }),
  }
}
