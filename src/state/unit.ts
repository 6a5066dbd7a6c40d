import { sh } from '../target/sh.ts'
import { defineKind } from './definition/kind.ts'
import { sections } from './parse/sections.ts'
import { isLike, likenessPattern, relations, unitOf } from './unit/answer.ts'
import { suffix } from './unit/suffix.ts'
import { unitDependencies } from './unit/touched.ts'
import type { UnitQuestion, UnitValue } from './unit/value.ts'

/** Returns the full name of a unit like systemctl: nginx is nginx.service. */
export function unitName(name: string): string {
  return suffix.test(name) ? name : `${name}.service`
}

const properties = [
  'Id',
  'LoadState',
  'ActiveState',
  'SubState',
  'UnitFileState',
  'NeedDaemonReload',
  'CanReload',
  'Type',
  'RemainAfterExit',
]

declare module './definition/write.ts' {
  interface KindValues {
    unit: UnitValue
  }
}

export const unit = defineKind<'unit', UnitQuestion>({
  name: 'unit',
  subject: ({ name }) => name,
  read(questions) {
    const names = questions.map(({ name }) => name)
    return sh`
      if [ ! -d /run/systemd/system ]; then
        echo 'systemd does not run on this host: services are managed through it' >&2
        exit 1
      fi
      echo '== units'
      described=$(systemctl show --property=${[...properties, ...relations].join(',')} -- ${names}) || exit
      printf '%s\\n' "$described"
      echo '== near'
      case "$described" in *LoadState=not-found*)
        for folder in /usr/lib/systemd/system /etc/systemd/system; do
          if [ -d "$folder" ]; then ls "$folder"; fi
        done | grep -E ${names.map(likenessPattern).join('|')} || :
      esac
      echo '== boot'
      set -- ${names}
      for name; do
        for link in /etc/rc[2345].d/S[0-9][0-9]"\${name%.service}"; do
          if [ -e "$link" ]; then echo "$name"; fi
        done
      done
    `
  },
  parse(output, questions) {
    const found = sections(output, ['units', 'near', 'boot'])
    const units = found.units
      .join('\n')
      .split('\n\n')
      .map(
        (block) =>
          new Map(block.split('\n').map((line) => [line.replace(/=.*/, ''), line.replace(/^[^=]*=/, '')])),
      )
    if (units.length !== questions.length)
      throw new Error(`systemctl described ${units.length} units, not ${questions.length}`)
    return questions.map(({ name }, index) => {
      const near = found.near.filter((other) => isLike(name, other))
      return unitOf(units[index] ?? new Map(), found.boot.includes(name), near)
    })
  },
  livesIn: () => ['/etc/systemd', '/lib/systemd', '/usr/lib/systemd', '/run', '/var', '/tmp'],
  dependsOn: unitDependencies,
  // A package adds and starts its own units; other units do not change.
  possibleAfter: (_question, write, answer) =>
    write.type === 'scope' && write.scope !== 'anything' && answer.exists ? [answer] : undefined,
})
